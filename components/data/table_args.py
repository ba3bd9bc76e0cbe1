"""The settings of a table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from components.core.checks import between, check, check_fields, matches, one_of, when
from components.core.encryption_key import EncryptionKey
from components.data.table_capacity import TableCapacity
from components.data.table_index import TableIndex

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
MOST_GLOBAL_INDEXES = 20
MOST_LOCAL_INDEXES = 5
StreamView = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]
REPLICATED: StreamView = "NEW_AND_OLD_IMAGES"
KeyType = Literal["S", "N", "B"]


@dataclass(frozen=True, kw_only=True)
class TableArgs:
    """Settings of a Table.

    Keys are strings unless `key_types` says `N` or `B`. `stream` names the images that the table's
    stream carries, `ttl` the attribute that holds an item's end in seconds since 1970.
    `replica_regions` make it a global table; `reader_accounts` may read it, by its policy.
    """

    partition_key: str
    sort_key: str | None = None
    key_types: Mapping[str, KeyType] = field(default_factory=dict)
    indexes: Sequence[TableIndex] = ()
    capacity: TableCapacity = field(default_factory=TableCapacity)
    stream: StreamView | None = None
    ttl: str | None = None
    point_in_time_recovery: bool = True
    replica_regions: Sequence[str] = ()
    reader_accounts: Sequence[str] = ()
    protect: bool = False
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        names = [index.name for index in self.indexes]
        local = [index.name for index in self.indexes if index.local]
        check(
            between("number of global indexes", len(names) - len(local), 0, MOST_GLOBAL_INDEXES),
            between("number of local indexes", len(local), 0, MOST_LOCAL_INDEXES),
            when(len(set(names)) < len(names), f"indexes has {names}: allowed is each name once"),
            when(
                bool(local) and self.sort_key is None,
                f"sort_key is None for the local indexes {local}: allowed is a key",
            ),
            *(
                matches(what, name, r"(?s).{1,255}", "1 to 255 characters")
                for what, name in self._attribute_names()
            ),
            *(
                when(key not in self.keys, f"key_types names {key!r}: allowed is {self.keys}")
                for key in self.key_types
            ),
            *(one_of(f"key_types[{k}]", v, get_args(KeyType)) for k, v in self.key_types.items()),
            *(matches("reader account", a, r"\d{12}", "12 digits") for a in self.reader_accounts),
            *self._replica_mistakes(),
        )

    def _attribute_names(self) -> Iterator[tuple[str, str]]:
        given = {"partition_key": self.partition_key, "sort_key": self.sort_key, "ttl": self.ttl}
        for what, name in given.items():
            if name is not None:
                yield what, name
        for index in self.indexes:
            for key in (index.partition_key, index.sort_key):
                if key is not None:
                    yield f"key of index {index.name}", key

    def _replica_mistakes(self) -> Sequence[str | None]:
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GlobalTables.html
        if not self.replica_regions:
            return ()
        capacity = self.capacity
        return (
            when(
                self.stream != REPLICATED,
                f"stream is {self.stream!r} for a global table: allowed is {REPLICATED!r}",
            ),
            when(
                not capacity.on_demand and "Write" not in capacity.scaled,
                "capacity of a global table is provisioned without max_write_units: allowed is "
                "on demand, or scaled",
            ),
            when(
                self.key is not None,
                "key is given for a global table: allowed is None, a key is of one Region",
            ),
        )

    @property
    def keys(self) -> list[str]:
        """The key attributes of the table and its indexes, sorted."""
        pairs = [(self.partition_key, self.sort_key)]
        pairs += [(index.partition_key or "", index.sort_key) for index in self.indexes]
        return sorted({key for pair in pairs for key in pair if key})
