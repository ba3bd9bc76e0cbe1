"""Data streams and their consumers.

A stream keeps the shards of its creation: the emulator would lose its records with them. Its mode
and the size of records are stored only.
"""

from local.provider.clients import Clients
from local.provider.handler import Handler, handles
from local.provider.handlers import tags
from local.provider.wire import Properties

# What a stream on demand begins with:
# https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html
ON_DEMAND_SHARDS = 4
DAY = 24


@handles("aws:kinesis/stream:Stream")
class Stream(Handler):
    """A stream; its id is its ARN."""

    replace = frozenset({"name"})

    def create(self, aws: Clients, properties: Properties) -> str:
        kinesis, name = aws("kinesis"), properties["name"]
        kinesis.create_stream(
            StreamName=name, ShardCount=int(properties.get("shardCount") or ON_DEMAND_SHARDS)
        )
        kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
        return aws.arn("kinesis", f"stream/{name}")

    def finish(self, aws: Clients, id_: str, properties: Properties) -> None:
        self.update(aws, id_, {}, properties)

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        kinesis = aws("kinesis")
        live = kinesis.describe_stream_summary(StreamARN=id_)["StreamDescriptionSummary"]
        return {
            "name": live["StreamName"],
            "arn": id_,
            "retentionPeriod": live["RetentionPeriodHours"],
            "encryptionType": live["EncryptionType"],
            "kmsKeyId": live.get("KeyId"),
            "tags": tags.unlisted(kinesis.list_tags_for_stream(StreamARN=id_)["Tags"]),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        kinesis = aws("kinesis")
        summary = kinesis.describe_stream_summary(StreamARN=id_)["StreamDescriptionSummary"]
        kept = {"StreamARN": id_, "RetentionPeriodHours": int(new.get("retentionPeriod", DAY))}
        if kept["RetentionPeriodHours"] > summary["RetentionPeriodHours"]:
            kinesis.increase_stream_retention_period(**kept)
        elif kept["RetentionPeriodHours"] < summary["RetentionPeriodHours"]:
            kinesis.decrease_stream_retention_period(**kept)
        if new.get("encryptionType", "NONE") == "KMS":
            kinesis.start_stream_encryption(
                StreamARN=id_, EncryptionType="KMS", KeyId=new["kmsKeyId"]
            )
        elif summary["EncryptionType"] == "KMS":
            kinesis.stop_stream_encryption(
                StreamARN=id_, EncryptionType="KMS", KeyId=summary["KeyId"]
            )
        if tags.removed(old, new):
            kinesis.remove_tags_from_stream(StreamARN=id_, TagKeys=tags.removed(old, new))
        if new.get("tags"):
            kinesis.add_tags_to_stream(StreamARN=id_, Tags=new["tags"])

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("kinesis").delete_stream(
            StreamARN=id_, EnforceConsumerDeletion=state.get("enforceConsumerDeletion", False)
        )


@handles("aws:kinesis/streamConsumer:StreamConsumer")
class StreamConsumer(Handler):
    """A consumer with throughput of its own; its id is its ARN."""

    replace = frozenset({"name", "streamArn"})

    def create(self, aws: Clients, properties: Properties) -> str:
        made = aws("kinesis").register_stream_consumer(
            StreamARN=properties["streamArn"], ConsumerName=properties["name"]
        )
        return str(made["Consumer"]["ConsumerARN"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        answer = aws("kinesis").describe_stream_consumer(ConsumerARN=id_)
        live = answer["ConsumerDescription"]
        return {
            "name": live["ConsumerName"],
            "arn": id_,
            "streamArn": live["StreamARN"],
            "creationTimestamp": str(live["ConsumerCreationTimestamp"]),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        """Keep it: its tags are stored only."""

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("kinesis").deregister_stream_consumer(ConsumerARN=id_)
