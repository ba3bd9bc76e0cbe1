"""A Kinesis data stream."""

from dataclasses import dataclass
from typing import Annotated, Any

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.compute.function import Function
from components.core.checks import check, check_fields, matches
from components.core.encryption_key import DECRYPT, ENCRYPT, EncryptionKey
from components.core.links import Grant, Link
from components.core.names import check_name, variable
from components.events.dead_letter_queue import DeadLetterQueue
from components.events.event_source import StreamReading, failure_queue, map_source
from components.events.rule_target import Rule, RuleTarget, role_arn

READ = tuple(
    f"kinesis:{action}"
    for action in (
        *("DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator"),
        "ListShards",
    )
)
WRITE = ("kinesis:PutRecord", "kinesis:PutRecords")
# The key that AWS keeps for the account: who may use the stream may use it.
MANAGED_KEY = "alias/aws/kinesis"
# The default quota of the three Regions that have the most; the others have 1,000:
# https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
MOST_SHARDS = 20_000


@dataclass(frozen=True, kw_only=True)
class StreamArgs:
    """Settings of a Stream.

    It grows on demand, unless `shards` provision it: each takes 1 MB or 1,000 records and hands
    out 2 MB a second. Records are kept for `retention_hours` (24 to 8,760, a year) and have up to
    `max_record_kib`.
    """

    shards: Annotated[int, Interval(ge=1, le=MOST_SHARDS)] | None = None
    # https://docs.aws.amazon.com/kinesis/latest/APIReference/API_IncreaseStreamRetentionPeriod.html
    # A week is what Security Hub asks for (Kinesis.3).
    retention_hours: Annotated[int, Interval(ge=24, le=8_760)] = 168
    # https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateMaxRecordSize.html
    max_record_kib: Annotated[int, Interval(ge=1_024, le=10_240)] = 1_024
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)


class Stream(pulumi.ComponentResource):
    """A stream that is encrypted, keeps a week of records, and changes its capacity in place."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: StreamArgs | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        check_name(name)
        super().__init__("toolkit:data:Stream", name, {}, opts)
        self.logical_name = name
        self.args = args = args or StreamArgs()
        self.stream = aws.kinesis.Stream(
            f"{name}-stream",
            stream_mode_details={"stream_mode": "PROVISIONED" if args.shards else "ON_DEMAND"},
            shard_count=args.shards,
            retention_period=args.retention_hours,
            max_record_size_in_kib=args.max_record_kib,
            encryption_type="KMS",
            kms_key_id=args.key.arn if args.key else MANAGED_KEY,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name = self.stream.name
        self.arn = self.stream.arn
        self.register_outputs({"name": self.name, "arn": self.arn})

    def reader(self) -> Link:
        """Let a function read records; `<NAME>_STREAM_NAME` says where."""
        read = Grant(actions=READ, resources=(self.arn,))
        return self._link(read, *self._key_grants(DECRYPT))

    def writer(self) -> Link:
        """Let a function put records, without reading them."""
        return self._link(*self.destination_grants())

    @property
    def destination_arn(self) -> pulumi.Output[str]:
        """Where a service puts records by a role."""
        return self.arn

    def destination_grants(self) -> tuple[Grant, ...]:
        """Return what a role needs for that."""
        put = Grant(actions=WRITE, resources=(self.arn,))
        return (put, *self._key_grants((*DECRYPT, *ENCRYPT)))

    def rule_target(self, rule: Rule) -> dict[str, Any]:
        """Let a rule of a bus put events, each under its own id."""
        return self.partitioned_by("$.id").rule_target(rule)

    def partitioned_by(self, path: str) -> RuleTarget:
        """Return the stream as a rule's target that keeps events in order by a part of them.

        Events whose `path`, such as `$.detail.order_id`, is the same are in one shard.

        Raises:
            ArgumentsError: unless it is a JSON path.
        """
        return PartitionedStream(stream=self, path=path)

    def subscribe(
        self,
        function: Function,
        reading: StreamReading | None = None,
        *,
        consumer: str | None = None,
        failures: DeadLetterQueue | None = None,
    ) -> None:
        """Invoke a function with batches of records, in the order of each shard.

        What it gives up ends in `failures`, by default a queue of its own. A `consumer` has
        throughput of its own (enhanced fan-out, at a price) and is pushed its records.

        Raises:
            ArgumentsError: for a FIFO queue of failures.
        """
        kept = failure_queue(self.logical_name, function, failures, self.args.key, self)
        source_arn = self.arn
        subscribe: tuple[Grant, ...] = ()
        if consumer is not None:
            made = aws.kinesis.StreamConsumer(
                f"{self.logical_name}-{consumer}-consumer",
                stream_arn=self.arn,
                opts=pulumi.ResourceOptions(parent=self),
            )
            source_arn = made.arn
            subscribe = (Grant(actions=("kinesis:SubscribeToShard",), resources=(made.arn,)),)
        grants = [*self.reader_grants(), *subscribe, *kept.sender_grants()]
        inputs = (reading or StreamReading()).inputs(kept.arn)
        map_source(self.logical_name, source_arn, function, grants, inputs)

    def reader_grants(self) -> tuple[Grant, ...]:
        """Return what the role of a mapping or of a pipe needs to read records."""
        return (
            Grant(actions=READ, resources=(self.arn,)),
            Grant(actions=("kinesis:ListStreams",), resources=("*",)),
            *self._key_grants(DECRYPT),
        )

    def _link(self, *grants: Grant) -> Link:
        return Link(
            grants=grants, environment={variable(self.logical_name, "STREAM_NAME"): self.name}
        )

    def _key_grants(self, actions: tuple[str, ...]) -> tuple[Grant, ...]:
        key = self.args.key
        return (Grant(actions=actions, resources=(key.arn,)),) if key else ()


@dataclass(frozen=True, kw_only=True)
class PartitionedStream:
    """A stream as a rule's target, with the part of an event that is its partition key."""

    stream: Stream
    path: str

    def __post_init__(self) -> None:
        # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_KinesisParameters.html
        check(matches("path", self.path, r"\$\..{1,254}", "a JSON path, such as $.detail.id"))

    def rule_target(self, rule: Rule) -> dict[str, Any]:
        """Let the rule put records."""
        return {
            "arn": self.stream.arn,
            "role_arn": role_arn(rule, *self.stream.destination_grants()),
            "kinesis_target": {"partition_key_path": self.path},
        }
