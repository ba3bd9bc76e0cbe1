"""The indexes of a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi_aws as aws

from components.core.checks import check, check_fields, matches, when
from components.data.table_capacity import TableCapacity

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GlobalSecondaryIndex.html
NAME = r"[A-Za-z0-9_.-]{3,255}"
Projection = Literal["ALL", "KEYS_ONLY", "INCLUDE"]


@dataclass(frozen=True, kw_only=True)
class TableIndex:
    """A global secondary index; without a `partition_key`, a local one, with the table's key.

    `attributes` are what it holds besides keys, for the projection `INCLUDE`. Global indexes
    change in place; local ones are made with the table, and changing them replaces it.
    """

    name: str
    partition_key: str | None = None
    sort_key: str | None = None
    projection: Projection = "ALL"
    attributes: Sequence[str] = ()

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            matches("name", self.name, NAME, "3 to 255 letters, digits, _ . and -"),
            when(
                bool(self.attributes) != (self.projection == "INCLUDE"),
                f"attributes is {list(self.attributes)} for projection {self.projection}: allowed "
                "is some for INCLUDE, and none else",
            ),
            when(
                self.partition_key is None and self.sort_key is None,
                f"partition_key and sort_key of {self.name} are None: allowed is a partition key "
                "(global), or a sort key alone (local)",
            ),
        )

    @property
    def local(self) -> bool:
        """Whether it has the table's partition key."""
        return self.partition_key is None


def global_indexes(
    indexes: Sequence[TableIndex], capacity: TableCapacity
) -> list[aws.dynamodb.TableGlobalSecondaryIndexArgs]:
    """Return the global indexes, sorted: their order would show as a change."""
    return [
        aws.dynamodb.TableGlobalSecondaryIndexArgs(
            key_schemas=[
                aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(
                    attribute_name=key, key_type=kind
                )
                for key, kind in ((index.partition_key, "HASH"), (index.sort_key, "RANGE"))
                if key
            ],
            **_common(index),
            **capacity.inputs(),
        )
        for index in sorted(indexes, key=lambda index: index.name)
        if not index.local
    ]


def local_indexes(
    indexes: Sequence[TableIndex],
) -> list[aws.dynamodb.TableLocalSecondaryIndexArgs]:
    """Return the local indexes, sorted."""
    return [
        aws.dynamodb.TableLocalSecondaryIndexArgs(range_key=index.sort_key or "", **_common(index))
        for index in sorted(indexes, key=lambda index: index.name)
        if index.local
    ]


def _common(index: TableIndex) -> dict[str, Any]:
    attributes = {"non_key_attributes": list(index.attributes)} if index.attributes else {}
    return {"name": index.name, "projection_type": index.projection, **attributes}
