"""A DynamoDB table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import pulumi
import pulumi_aws as aws

from components.compute.function import Function
from components.core.checks import between, check, check_fields, one_of, when
from components.core.encryption_key import DECRYPT, ENCRYPT, EncryptionKey
from components.core.links import Grant, Link
from components.core.names import check_name, variable
from components.data.table_capacity import TableCapacity
from components.events.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.events.event_source import StreamReading, map_source

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
MOST_INDEXES = 20
StreamView = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]
KeyType = Literal["S", "N", "B"]
READ = tuple(
    f"dynamodb:{action}"
    for action in (
        "BatchGetItem",
        "ConditionCheckItem",
        "DescribeTable",
        "GetItem",
        "Query",
        "Scan",
    )
)
WRITE = tuple(
    f"dynamodb:{action}" for action in ("BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem")
)
READ_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")


@dataclass(frozen=True, kw_only=True)
class TableIndex:
    """A global secondary index over all attributes."""

    name: str
    partition_key: str
    sort_key: str | None = None


@dataclass(frozen=True, kw_only=True)
class TableArgs:
    """Settings of a Table.

    Keys are strings unless `key_types` says `N` or `B`. `stream` names the images that the table's
    stream carries, and `ttl` the attribute that holds an item's end in seconds since 1970.
    """

    partition_key: str
    sort_key: str | None = None
    key_types: Mapping[str, KeyType] = field(default_factory=dict)
    indexes: Sequence[TableIndex] = ()
    capacity: TableCapacity = field(default_factory=TableCapacity)
    stream: StreamView | None = None
    ttl: str | None = None
    point_in_time_recovery: bool = True
    protect: bool = False
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        names = [index.name for index in self.indexes]
        check_fields(self)
        check(
            between("number of indexes", len(names), 0, MOST_INDEXES),
            when(len(set(names)) < len(names), f"indexes has {names}: allowed is each name once"),
            *(
                when(key not in self.keys, f"key_types names {key!r}: allowed is {self.keys}")
                for key in self.key_types
            ),
            *(one_of(f"key_types[{k}]", v, get_args(KeyType)) for k, v in self.key_types.items()),
        )

    @property
    def keys(self) -> list[str]:
        """The key attributes of the table and its indexes, sorted."""
        pairs = [(self.partition_key, self.sort_key)]
        pairs += [(index.partition_key, index.sort_key) for index in self.indexes]
        return sorted({key for pair in pairs for key in pair if key})


class Table(pulumi.ComponentResource):
    """A table that can be restored, and that changes its capacity in place."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: TableArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        super().__init__("toolkit:data:Table", name, {}, opts)
        self.logical_name = name
        self.args = args
        self.table = aws.dynamodb.Table(
            f"{name}-table",
            hash_key=args.partition_key,
            range_key=args.sort_key,
            attributes=[{"name": key, "type": args.key_types.get(key, "S")} for key in args.keys],
            global_secondary_indexes=[
                _index(index, args.capacity)
                for index in sorted(args.indexes, key=lambda index: index.name)
            ],
            billing_mode="PAY_PER_REQUEST" if args.capacity.on_demand else "PROVISIONED",
            stream_enabled=args.stream is not None,
            stream_view_type=args.stream,
            ttl=(
                aws.dynamodb.TableTtlArgs(attribute_name=args.ttl, enabled=True)
                if args.ttl
                else None
            ),
            point_in_time_recovery={"enabled": args.point_in_time_recovery},
            server_side_encryption=(
                aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=args.key.arn)
                if args.key
                else None
            ),
            deletion_protection_enabled=args.protect,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
            **args.capacity.inputs(),
        )
        self.name = self.table.name
        self.arn = self.table.arn
        self.register_outputs({"name": self.name, "arn": self.arn})

    def reader(self) -> Link:
        """Let a function read items and indexes; `<NAME>_TABLE_NAME` says where."""
        return self._link(READ, DECRYPT)

    def writer(self) -> Link:
        """Let a function write items, without reading them."""
        return self._link(WRITE, (*DECRYPT, *ENCRYPT))

    def subscribe(self, function: Function, reading: StreamReading | None = None) -> None:
        """Invoke a function with the changes of items; what it gives up ends in a queue.

        Raises:
            ArgumentsError: when the table has no stream.
        """
        views = ", ".join(get_args(StreamView))
        missing = f"stream of table {self.logical_name} is None: allowed is one of {views}"
        check(when(self.args.stream is None, missing))
        failures = DeadLetterQueue(
            f"{self.logical_name}-{function.name}-failures",
            DeadLetterQueueArgs(key=self.args.key),
            pulumi.ResourceOptions(parent=self),
        )
        stream_arn = self.table.stream_arn
        grants = [
            Grant(actions=READ_STREAM, resources=(stream_arn,)),
            Grant(actions=("dynamodb:ListStreams",), resources=("*",)),
            *self._key_grants(DECRYPT),
            *failures.sender_grants(),
        ]
        inputs = (reading or StreamReading()).inputs(failures.arn)
        map_source(self.logical_name, stream_arn, function, grants, inputs)

    def _link(self, actions: tuple[str, ...], key_actions: tuple[str, ...]) -> Link:
        indexes = self.arn.apply(lambda arn: f"{arn}/index/*")
        resources = (self.arn, indexes) if self.args.indexes and actions is READ else (self.arn,)
        return Link(
            grants=(
                Grant(actions=actions, resources=resources),
                *self._key_grants(key_actions),
            ),
            environment={variable(self.logical_name, "TABLE_NAME"): self.name},
        )

    def _key_grants(self, actions: tuple[str, ...]) -> tuple[Grant, ...]:
        key = self.args.key
        return (Grant(actions=actions, resources=(key.arn,)),) if key else ()


def _index(
    index: TableIndex, capacity: TableCapacity
) -> aws.dynamodb.TableGlobalSecondaryIndexArgs:
    return aws.dynamodb.TableGlobalSecondaryIndexArgs(
        name=index.name,
        key_schemas=[
            aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(attribute_name=key, key_type=kind)
            for key, kind in ((index.partition_key, "HASH"), (index.sort_key, "RANGE"))
            if key
        ],
        projection_type="ALL",
        **capacity.inputs(),
    )
