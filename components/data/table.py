"""A DynamoDB table."""

from collections.abc import Iterable
from typing import Literal, get_args

import pulumi
import pulumi_aws as aws

from components.compute.function import Function
from components.core import policies
from components.core.checks import check, one_of, when
from components.core.encryption_key import DECRYPT, ENCRYPT
from components.core.links import Grant, Link
from components.core.names import check_name, slug, variable
from components.core.scaling import Dimension, track
from components.data.table_args import StreamView, TableArgs
from components.data.table_index import global_indexes, local_indexes
from components.events.dead_letter_queue import DeadLetterQueue
from components.events.event_source import StreamReading, failure_queue, map_source

ReadAction = Literal[
    "BatchGetItem", "ConditionCheckItem", "DescribeTable", "GetItem", "Query", "Scan"
]
WriteAction = Literal["BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem", "PartiQLInsert"]
# PartiQL is granted to who asks for it.
WRITE = ("BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem")
# Those that also read indexes.
OF_INDEXES = {"Query", "Scan"}
READ_STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")


__all__ = ["Table", "TableArgs"]


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
        self.table = self._table()
        self.name = self.table.name
        self.arn = self.table.arn
        self._scale()
        self._share()
        self.register_outputs({"name": self.name, "arn": self.arn})

    def _table(self) -> aws.dynamodb.Table:
        args = self.args
        return aws.dynamodb.Table(
            f"{self.logical_name}-table",
            hash_key=args.partition_key,
            range_key=args.sort_key,
            attributes=[{"name": key, "type": args.key_types.get(key, "S")} for key in args.keys],
            global_secondary_indexes=global_indexes(args.indexes, args.capacity),
            local_secondary_indexes=local_indexes(args.indexes),
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
            replicas=[
                aws.dynamodb.TableReplicaArgs(
                    region_name=region,
                    point_in_time_recovery=args.point_in_time_recovery,
                    deletion_protection_enabled=args.protect,
                    propagate_tags=True,
                )
                for region in sorted(args.replica_regions)
            ],
            deletion_protection_enabled=args.protect,
            opts=pulumi.ResourceOptions(
                parent=self, protect=args.protect, ignore_changes=self._scaled_inputs()
            ),
            **args.capacity.inputs(),
        )

    def _scaled_inputs(self) -> list[str]:
        """Return the inputs that auto scaling changes and an `up` must not change back."""
        sides = [f"{side.lower()}Capacity" for side in self.args.capacity.scaled]
        return [*sides, *(f"globalSecondaryIndexes[*].{side}" for side in sides)]

    def _scale(self) -> None:
        capacity = self.args.capacity
        scaled = {"table": pulumi.Output.format("table/{0}", self.name)}
        for index in self.args.indexes:
            if not index.local:
                path = pulumi.Output.format("table/{0}/index/{1}", self.name, index.name)
                scaled[f"index-{slug(index.name)}"] = path
        for kind, resource_id in scaled.items():
            for side, (least, most) in capacity.scaled.items():
                dimension = Dimension(
                    namespace="dynamodb",
                    resource_id=resource_id,
                    name=f"dynamodb:{kind.split('-')[0]}:{side}CapacityUnits",
                    metric=f"DynamoDB{side}CapacityUtilization",
                    minimum=least,
                    maximum=most,
                    target=capacity.target_utilization_percent,
                )
                track(f"{self.logical_name}-{kind}-{side.lower()}", dimension, self)

    def _share(self) -> None:
        if not self.args.reader_accounts:
            return
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": sorted(self.args.reader_accounts)},
            "Action": list(_named(get_args(ReadAction))),
            "Resource": [*self._readable()],
        }
        aws.dynamodb.ResourcePolicy(
            f"{self.logical_name}-resource-policy",
            resource_arn=self.arn,
            policy=policies.document([statement]),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def reader(self, *actions: ReadAction) -> Link:
        """Let a function read, by these actions or by all; `<NAME>_TABLE_NAME` says where.

        Raises:
            ArgumentsError: for an action that does not read.
        """
        allowed = get_args(ReadAction)
        check(*(one_of("action", action, allowed) for action in actions))
        asked = actions or allowed
        resources = self._readable() if OF_INDEXES.intersection(asked) else (self.arn,)
        return self._link(Grant(actions=_named(asked), resources=resources), DECRYPT)

    def writer(self, *actions: WriteAction) -> Link:
        """Let a function write, by these actions or by all but PartiQL's, without reading.

        Raises:
            ArgumentsError: for an action that does not write.
        """
        allowed = get_args(WriteAction)
        check(*(one_of("action", action, allowed) for action in actions))
        grant = Grant(actions=_named(actions or WRITE), resources=(self.arn,))
        return self._link(grant, (*DECRYPT, *ENCRYPT))

    def reader_writer(self) -> Link:
        """Let a function read and write items."""
        reader, writer = self.reader(), self.writer()
        return Link(grants=(reader.grants[0], *writer.grants), environment=writer.environment)

    def subscribe(
        self,
        function: Function,
        reading: StreamReading | None = None,
        *,
        failures: DeadLetterQueue | None = None,
    ) -> None:
        """Invoke a function with the changes of items.

        What it gives up ends in `failures`, by default a queue of its own.

        Raises:
            ArgumentsError: when the table has no stream, for a FIFO queue of failures, or for a
                time to start at.
        """
        reading = reading or StreamReading()
        self.check_reading(reading)
        kept = failure_queue(self.logical_name, function, failures, self.args.key, self)
        grants = [*self.stream_reader_grants(), *kept.sender_grants()]
        inputs = reading.inputs(kept.arn)
        map_source(self.logical_name, self.table.stream_arn, function, grants, inputs)

    def check_reading(self, reading: StreamReading) -> None:
        """Refuse what a table's stream cannot do.

        Raises:
            ArgumentsError: when the table has no stream, or for a time to start at.
        """
        views = ", ".join(get_args(StreamView))
        missing = f"stream of table {self.logical_name} is None: allowed is one of {views}"
        check(
            when(self.args.stream is None, missing),
            when(
                reading.starting_at is not None,
                f"starting_at is {reading.starting_at!r} for a table: allowed is None",
            ),
        )

    def stream_reader_grants(self) -> tuple[Grant, ...]:
        """Return what the role of a mapping or of a pipe needs to read changes."""
        return (
            Grant(actions=READ_STREAM, resources=(self.table.stream_arn,)),
            Grant(actions=("dynamodb:ListStreams",), resources=("*",)),
            *self._key_grants(DECRYPT),
        )

    def _readable(self) -> tuple[pulumi.Output[str], ...]:
        indexes = self.arn.apply(lambda arn: f"{arn}/index/*")
        return (self.arn, indexes) if self.args.indexes else (self.arn,)

    def _link(self, grant: Grant, key_actions: tuple[str, ...]) -> Link:
        return Link(
            grants=(grant, *self._key_grants(key_actions)),
            environment={variable(self.logical_name, "TABLE_NAME"): self.name},
        )

    def _key_grants(self, actions: tuple[str, ...]) -> tuple[Grant, ...]:
        key = self.args.key
        return (Grant(actions=actions, resources=(key.arn,)),) if key else ()


def _named(actions: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"dynamodb:{action}" for action in actions)
