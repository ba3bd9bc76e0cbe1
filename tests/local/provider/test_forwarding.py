"""A rule whose target is a stream: a function of the emulator carries its events there."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.local.engine_side import Engine
from tests.local.provider.made import Made, make
from tests.local.world import TRUST, World

pytestmark = pytest.mark.local
Look = Callable[[str], Any]
TARGET = "aws:cloudwatch/eventTarget:EventTarget"


def stream(engine: Engine, name: str) -> str:
    made = make(engine, "aws:kinesis/stream:Stream", name=name, shardCount=1)
    return str(made.state["arn"])


def role(engine: Engine, *resources: str) -> str:
    trust = TRUST.replace("lambda", "events")
    made = make(engine, "aws:iam/role:Role", assumeRolePolicy=trust)
    statements = [
        {"Effect": "Allow", "Action": "kinesis:PutRecord", "Resource": each} for each in resources
    ]
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        make(engine, "aws:iam/rolePolicy:RolePolicy", role=made.state["name"], policy=policy)
    return str(made.state["arn"])


def target(engine: Engine, world: World, arn: str, role_arn: str, **more: Any) -> Made:
    where = {"eventBusName": world.bus["name"], "rule": world.rule["name"]}
    return make(engine, TARGET, **where, arn=arn, roleArn=role_arn, **more)


def forwarders(aws: Look) -> list[str]:
    found = aws("lambda").list_functions()["Functions"]
    return [f["FunctionName"] for f in found if f["FunctionName"].startswith("forward-")]


def eventually(look: Callable[[], Any]) -> Any:
    end = time.monotonic() + 60
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def records(aws: Look, arn: str) -> list[Any]:
    kinesis = aws("kinesis")
    (shard,) = kinesis.list_shards(StreamARN=arn)["Shards"]
    iterator = kinesis.get_shard_iterator(
        StreamARN=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    return list(kinesis.get_records(ShardIterator=iterator)["Records"])


def put(aws: Look, world: World, detail: dict[str, Any]) -> None:
    entry = {"EventBusName": world.bus["name"], "Source": "s", "DetailType": "t"}
    aws("events").put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])


@pytest.fixture
def rule(world: World, aws: Look) -> None:
    pattern = json.dumps({"source": ["s"]})
    names = {"Name": world.rule["name"], "EventBusName": world.bus["name"]}
    aws("events").put_rule(**names, EventPattern=pattern)


@pytest.mark.usefixtures("rule")
def test_events_arrive_under_the_key_that_the_path_names(
    engine: Engine, world: World, aws: Look
) -> None:
    arn = stream(engine, "keyed")
    path = {"kinesisTarget": {"partitionKeyPath": "$.detail.of"}}
    made = target(engine, world, arn, role(engine, arn), **path)
    assert made.read() == made.inputs
    put(aws, world, {"of": "me"})
    (record,) = eventually(lambda: records(aws, arn))
    assert record["PartitionKey"] == "me"
    assert json.loads(record["Data"])["detail"] == {"of": "me"}

    made.update(kinesisTarget={"partitionKeyPath": "$.source"})
    assert made.read() == made.inputs
    put(aws, world, {"of": "me"})
    assert eventually(lambda: [r for r in records(aws, arn) if r["PartitionKey"] == "s"])
    engine.delete(TARGET, made.id, made.state)
    assert not forwarders(aws)
    assert engine.read(TARGET, made.id, made.state, made.inputs)[0] == ""


@pytest.mark.usefixtures("rule")
def test_a_role_that_may_not_put_records_is_refused(
    engine: Engine, world: World, aws: Look
) -> None:
    arn = stream(engine, "closed")
    made = target(engine, world, arn, role(engine))
    (name,) = forwarders(aws)
    put(aws, world, {"of": "me"})

    def refusals() -> list[Any]:
        groups = aws("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")
        if not groups["logGroups"]:
            return []
        events = aws("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        return [each for each in events if "AccessDenied" in each["message"]]

    assert eventually(refusals)
    assert not records(aws, arn)
    engine.delete(TARGET, made.id, made.state)


def test_a_target_that_becomes_a_queue_has_no_function_any_more(
    engine: Engine, world: World, aws: Look
) -> None:
    arn = stream(engine, "left")
    made = target(engine, world, arn, role(engine, arn))
    assert len(forwarders(aws)) == 1
    made.update("roleArn", arn=world.queue["arn"])
    assert not forwarders(aws)
    assert made.read() == made.inputs


def test_a_function_that_is_gone_is_drift(engine: Engine, world: World, aws: Look) -> None:
    arn = stream(engine, "drifting")
    made = target(engine, world, arn, role(engine, arn))
    aws("lambda").delete_function(FunctionName=forwarders(aws)[0])
    assert engine.read(TARGET, made.id, made.state, made.inputs)[0] == ""
    engine.delete(TARGET, made.id, made.state)


def test_a_mapping_of_a_consumer_reads_its_stream(engine: Engine, world: World, aws: Look) -> None:
    arn = stream(engine, "consumed")
    consumer = make(engine, "aws:kinesis/streamConsumer:StreamConsumer", streamArn=arn)
    made = make(
        engine,
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        eventSourceArn=consumer.state["arn"],
        functionName=world.function["arn"],
        startingPosition="AT_TIMESTAMP",
        startingPositionTimestamp="2026-01-31T12:00:00Z",
        tumblingWindowInSeconds=60,
    )
    assert aws("lambda").get_event_source_mapping(UUID=made.id)["EventSourceArn"] == arn
    assert made.read() == made.inputs
    made.update("tumblingWindowInSeconds")
    assert made.read() == made.inputs


def test_what_a_subscription_no_longer_has_goes_back(
    engine: Engine, world: World, aws: Look
) -> None:
    topic = make(engine, "aws:sns/topic:Topic", displayName="d", maximumMessageSize=2_048)
    policy = {"filterPolicy": '{"a": ["b"]}', "filterPolicyScope": "MessageBody"}
    made = make(
        engine,
        "aws:sns/topicSubscription:TopicSubscription",
        topic=topic.state["arn"],
        protocol="sqs",
        endpoint=world.queue["arn"],
        rawMessageDelivery=True,
        **policy,
    )
    made.update(*policy, "rawMessageDelivery")
    topic.update("displayName", "maximumMessageSize")
    live = aws("sns").get_subscription_attributes(SubscriptionArn=made.id)["Attributes"]
    assert not live["FilterPolicy"]
    assert (live["FilterPolicyScope"], live["RawMessageDelivery"]) == (
        "MessageAttributes",
        "false",
    )
    live = aws("sns").get_topic_attributes(TopicArn=topic.id)["Attributes"]
    assert (live["DisplayName"], live["MaximumMessageSize"]) == ("", "262144")


def test_a_stream_that_asks_for_nothing_any_more_is_plain(engine: Engine, aws: Look) -> None:
    settings = {"retentionPeriod": 48, "encryptionType": "KMS", "kmsKeyId": "alias/aws/kinesis"}
    made = make(engine, "aws:kinesis/stream:Stream", name="plain", **settings)
    made.update(*settings)
    live = aws("kinesis").describe_stream_summary(StreamARN=made.id)["StreamDescriptionSummary"]
    assert (live["RetentionPeriodHours"], live["EncryptionType"]) == (24, "NONE")
    assert live["OpenShardCount"] == 4
