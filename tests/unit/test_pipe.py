import json
from collections.abc import Callable
from typing import Any

import pytest

from components.compute.asynchronous import Destination
from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize
from components.core.checks import ArgumentsError
from components.core.links import Grant
from components.core.logs import LogSettings
from components.data.stream import Stream
from components.data.table import Table, TableArgs
from components.events.event_bus import EventBus
from components.events.event_source import Batching, StreamReading
from components.events.pipe import Pipe, PipeArgs
from components.events.queue import Queue, QueueArgs
from components.events.topic import Topic, TopicArgs
from tests.contracts.examples.base import CODE, HANDLER, plain_function
from tests.contracts.examples.schedules import fifo
from tests.contracts.examples.streams import key
from tests.recording import Deployment, deploy

ARN = "arn:aws:{}:eu-central-1:123456789012:{}"
BUS = {"event_source": "s", "detail_type": "d"}


def queue(**settings: Any) -> Queue:
    return Queue("in", QueueArgs(**settings))


def stream() -> Stream:
    return Stream("clicks")


def table() -> Table:
    return Table("items", TableArgs(partition_key="id", stream="NEW_IMAGE"))


def out() -> Queue:
    return Queue("out")


def bus() -> EventBus:
    return EventBus("events")


def slow(seconds: int) -> Function:
    size = FunctionSize(timeout_seconds=seconds)
    return Function("slow", FunctionArgs(code=CODE, handler=HANDLER, size=size))


class Workflow:
    """What a workflow is to a pipe."""

    destination_arn: Any = ARN.format("states", "stateMachine:flow")

    def destination_grants(self) -> tuple[Grant, ...]:
        return (Grant(actions=("states:StartExecution",), resources=(self.destination_arn,)),)


def deployed(
    source: Callable[[], Any] = queue,
    target: Callable[[], Destination] = out,
    enrichment: Callable[[], Function] | None = None,
    **settings: Any,
) -> Deployment:
    def program() -> None:
        enriching = enrichment() if enrichment else None
        args = PipeArgs(source=source(), target=target(), enrichment=enriching, **settings)
        Pipe("move", args)

    return deploy(program)


def refused(said: str, *made: Any, **settings: Any) -> None:
    with pytest.raises(ArgumentsError, match=said):
        deployed(*made, **settings)


def statements(deployment: Deployment) -> list[tuple[str, list[str]]]:
    found = deployment.document("RolePolicy", "move-policy")["Statement"]
    return [(each["Action"][0], each["Resource"]) for each in found]


def test_a_pipe_moves_messages_and_may_do_no_more() -> None:
    deployment = deployed()
    pipe = deployment.inputs("pipe:Pipe", "move-pipe")
    assert pipe["source"] == ARN.format("sqs", "in-queue")
    assert pipe["target"] == ARN.format("sqs", "out-queue")
    assert pipe["sourceParameters"] == {
        "sqsQueueParameters": {"batchSize": 10, "maximumBatchingWindowInSeconds": 0}
    }
    assert pipe["desiredState"] == "RUNNING"
    assert not {"targetParameters", "enrichment", "kmsKeyIdentifier"} & set(pipe)
    assert statements(deployment) == [
        ("sqs:ReceiveMessage", [ARN.format("sqs", "in-queue")]),
        ("sqs:SendMessage", [ARN.format("sqs", "out-queue")]),
    ]
    names = {each.name for each in deployment.all("queue:Queue")}
    assert "move-failures-queue" not in names


def test_only_the_pipe_may_use_its_role() -> None:
    deployment = deployed()
    (statement,) = deployment.document("role:Role", "move-role", "assumeRolePolicy")["Statement"]
    assert statement["Principal"] == {"Service": "pipes.amazonaws.com"}
    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": ARN.format("pipes", "pipe/move-*")},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }
    assert deployment.inputs("pipe:Pipe")["namePrefix"] == "move-"


@pytest.mark.parametrize(
    ("source", "kind", "read", "arn"),
    [
        (
            stream,
            "kinesisStreamParameters",
            "kinesis:DescribeStream",
            ARN.format("kinesis", "stream/clicks-stream"),
        ),
        (
            table,
            "dynamodbStreamParameters",
            "dynamodb:DescribeStream",
            ARN.format("dynamodb", "table/items-table/stream/2026-01-01"),
        ),
    ],
)
def test_a_pipe_reads_records_and_keeps_what_it_gives_up(
    source: Callable[[], Any], kind: str, read: str, arn: str
) -> None:
    deployment = deployed(source)
    failures = ARN.format("sqs", "move-failures-queue")
    assert deployment.inputs("pipe:Pipe")["source"] == arn
    assert deployment.inputs("pipe:Pipe")["sourceParameters"] == {
        kind: {
            "batchSize": 10,
            "maximumBatchingWindowInSeconds": 1,
            "startingPosition": "TRIM_HORIZON",
            "maximumRetryAttempts": 500,
            "maximumRecordAgeInSeconds": 86_400,
            "parallelizationFactor": 1,
            "onPartialBatchItemFailure": "AUTOMATIC_BISECT",
            "deadLetterConfig": {"arn": failures},
        }
    }
    assert (read, [arn]) in statements(deployment)
    assert ("sqs:SendMessage", [failures]) in statements(deployment)


def test_a_stream_may_be_read_from_a_time_on_and_filtered() -> None:
    reading = StreamReading(
        batching=Batching(batch_size=5, window_seconds=0, filters=[{"data": {"a": [1]}}]),
        starting_at="2026-01-31T12:00:00Z",
        retries=3,
        maximum_age_seconds=60,
        parallelization=10,
    )
    parameters = deployed(stream, reading=reading).inputs("pipe:Pipe")["sourceParameters"]
    records = parameters["kinesisStreamParameters"]
    assert records["startingPosition"] == "AT_TIMESTAMP"
    assert records["startingPositionTimestamp"] == "2026-01-31T12:00:00Z"
    assert (records["batchSize"], records["parallelizationFactor"]) == (5, 10)
    (only,) = parameters["filterCriteria"]["filters"]
    assert json.loads(only["pattern"]) == {"data": {"a": [1]}}


@pytest.mark.parametrize(
    ("target", "settings", "action", "parameters"),
    [
        (out, {}, "sqs:SendMessage", None),
        (lambda: Topic("news"), {}, "sns:Publish", None),
        (
            fifo,
            {"message_group_id": "$.a"},
            "sqs:SendMessage",
            {"sqsQueueParameters": {"messageGroupId": "$.a"}},
        ),
        (
            lambda: Queue("books", QueueArgs(fifo=True)),
            {"message_group_id": "g", "deduplication_id": "$.messageId"},
            "sqs:SendMessage",
            {
                "sqsQueueParameters": {
                    "messageGroupId": "g",
                    "messageDeduplicationId": "$.messageId",
                }
            },
        ),
        (
            lambda: Stream("copy"),
            {"partition_key": "$.a"},
            "kinesis:PutRecord",
            {"kinesisStreamParameters": {"partitionKey": "$.a"}},
        ),
        (
            bus,
            BUS,
            "events:PutEvents",
            {"eventbridgeEventBusParameters": {"source": "s", "detailType": "d"}},
        ),
        (
            plain_function,
            {},
            "lambda:InvokeFunction",
            {"lambdaFunctionParameters": {"invocationType": "REQUEST_RESPONSE"}},
        ),
        (
            Workflow,
            {},
            "states:StartExecution",
            {"stepFunctionStateMachineParameters": {"invocationType": "FIRE_AND_FORGET"}},
        ),
    ],
)
def test_each_kind_of_target_gets_its_permission_and_parameters(
    target: Any, settings: dict[str, Any], action: str, parameters: Any
) -> None:
    deployment = deployed(table, target, **settings)
    pipe = deployment.inputs("pipe:Pipe")
    assert pipe.get("targetParameters") == parameters
    assert (action, [pipe["target"]]) in statements(deployment)


def test_events_are_enriched_by_an_alias_and_made_by_templates() -> None:
    deployment = deployed(
        enrichment=plain_function,
        enrichment_template='{"order": <$.body>}',
        input_template="order <$.id> of <aws.pipes.pipe-name>",
    )
    pipe = deployment.inputs("pipe:Pipe")
    assert pipe["enrichment"].endswith(":live")
    assert pipe["enrichmentParameters"] == {"inputTemplate": '{"order": <$.body>}'}
    template = {"inputTemplate": "order <$.id> of <aws.pipes.pipe-name>"}
    assert pipe["targetParameters"] == template
    assert ("lambda:InvokeFunction", [pipe["enrichment"]]) in statements(deployment)


def test_a_key_encrypts_pipe_logs_and_failures() -> None:
    def program() -> None:
        shared = key("logs")
        source = Stream("clicks")
        Pipe("move", PipeArgs(source=source, target=Queue("out"), key=shared))

    deployment = deploy(program)
    arn = deployment.arn("key:Key")
    assert deployment.inputs("pipe:Pipe")["kmsKeyIdentifier"] == arn
    assert deployment.inputs("LogGroup", "move-logs")["kmsKeyId"] == arn
    assert deployment.inputs("queue:Queue", "move-failures-queue")["kmsMasterKeyId"] == arn
    last = deployment.document("RolePolicy", "move-policy")["Statement"][-1]
    assert last["Action"] == ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]


def test_errors_are_logged_without_payloads() -> None:
    deployment = deployed(logs=LogSettings(retention_days=3))
    assert deployment.inputs("pipe:Pipe")["logConfiguration"] == {
        "level": "ERROR",
        "cloudwatchLogsLogDestination": {"logGroupArn": deployment.arn("LogGroup")},
    }
    group = deployment.inputs("LogGroup")
    assert group["namePrefix"] == "/aws/vendedlogs/pipes/move-"
    assert group["retentionInDays"] == 3


def test_logs_may_hold_payloads_or_be_off() -> None:
    logging = deployed(log_level="TRACE", log_payloads=True).inputs("pipe:Pipe")
    assert logging["logConfiguration"]["includeExecutionDatas"] == ["ALL"]
    deployment = deployed(log_level="OFF")
    assert deployment.inputs("pipe:Pipe")["logConfiguration"] == {"level": "OFF"}
    assert not deployment.all("LogGroup")
    refused("log_payloads is True for log_level 'OFF'", log_level="OFF", log_payloads=True)


def test_a_pipe_may_stand_still() -> None:
    assert deployed(desired_state="STOPPED").inputs("pipe:Pipe")["desiredState"] == "STOPPED"


def test_a_source_is_read_in_its_own_way() -> None:
    refused("reading is given for a queue: allowed is batching", reading=StreamReading())
    said = "batching is given for a stream: allowed is in reading"
    refused(said, stream, batching=Batching())
    tumbling = StreamReading(
        batching=Batching(batch_size=10, window_seconds=1), tumbling_window_seconds=1
    )
    refused("tumbling_window_seconds is 1 for a pipe: allowed is 0", stream, reading=tumbling)
    refused("stream of table items is None", lambda: Table("items", TableArgs(partition_key="a")))
    starting = StreamReading(batching=Batching(batch_size=10), starting_at="2026-01-31T12:00:00Z")
    refused("starting_at is .* for a table", table, reading=starting)


def test_a_fifo_source_has_ten_messages_and_no_window() -> None:
    waiting = {"fifo": True}
    assert deployed(lambda: queue(**waiting), batching=Batching(batch_size=10))
    more = Batching(batch_size=11, window_seconds=1)
    refused(
        "batch_size is 11 for a FIFO queue: allowed is 1 to 10; window_seconds is 1",
        lambda: queue(**waiting),
        plain_function,
        batching=more,
    )


@pytest.mark.parametrize(
    ("target", "settings", "most"),
    [
        (out, {}, 10),
        (lambda: Topic("news"), {}, 10),
        (fifo, {"message_group_id": "g"}, 10),
        (bus, BUS, 10),
        (lambda: Stream("copy"), {"partition_key": "k"}, 500),
        (plain_function, {}, 10_000),
    ],
)
def test_a_batch_is_no_larger_than_the_target_takes(
    target: Any, settings: dict[str, Any], most: int
) -> None:
    def reading(size: int) -> StreamReading:
        return StreamReading(batching=Batching(batch_size=size, window_seconds=1))

    assert deployed(stream, target, reading=reading(most), **settings)
    if most < 10_000:
        said = f"batch_size is {most + 1} for .*: allowed is up to {most}"
        refused(said, stream, target, reading=reading(most + 1), **settings)


def test_a_pipe_has_five_filters() -> None:
    some = [{"body": {"n": [n]}} for n in range(6)]
    assert deployed(batching=Batching(filters=some[:5]))
    refused("number of filters is 6: allowed is 0 to 5", batching=Batching(filters=some))


def test_ids_that_a_fifo_target_needs() -> None:
    plain = lambda: Queue("books", QueueArgs(fifo=True))  # noqa: E731
    refused("deduplication_id is None for a FIFO queue", queue, plain, message_group_id="g")
    refused("deduplication_id is 'd' for a queue: allowed is None", deduplication_id="d")
    ids: dict[str, Any] = {"message_group_id": "g"}
    assert deployed(queue, plain, **ids, deduplication_id="x" * 100)
    for wrong in ("x" * 101, "", "a b"):
        said = f"deduplication_id is '{wrong}': allowed is 1 to 100"
        refused(said, queue, plain, **ids, deduplication_id=wrong)


def test_a_fifo_topic_is_refused() -> None:
    ledger = TopicArgs(fifo=True)
    refused("a FIFO topic: allowed is a standard one", queue, lambda: Topic("l", ledger))


def test_templates_are_checked() -> None:
    assert deployed(input_template="x" * 8_192)
    refused(
        "characters of input_template is 8193: allowed is 1 to 8,192", input_template="x" * 8193
    )
    refused("characters of input_template is 0", input_template="")
    refused("enrichment_template is given without an enrichment", enrichment_template="a")
    refused(
        "characters of enrichment_template is 8193",
        enrichment=plain_function,
        enrichment_template="x" * 8193,
    )
    for right in ("<$.a.b[0].c>", '{"a": "<$.x-y> b", "c": <aws.pipes.event.json>}', "<b>", "<$>"):
        assert deployed(input_template=right)
    refused("placeholder of input_template is 'aws.pipes.now'", input_template="<aws.pipes.now>")
    refused(r"placeholder of input_template is '\$a'", input_template="<$a>")
    refused("allowed is JSON", input_template='{"a": <$.b>')
    refused("allowed is JSON", input_template="[<$.b>,]")


def test_functions_of_a_pipe_take_five_minutes_at_most() -> None:
    assert deployed(stream, enrichment=lambda: slow(300))
    refused("function slow takes 301 s: allowed for a pipe is 300", stream, lambda: slow(301))
    refused("function slow takes 301 s", stream, enrichment=lambda: slow(301))


def test_a_message_stays_hidden_while_the_functions_run() -> None:
    batching = Batching(window_seconds=10)
    settings = {"consumer_timeout_seconds": 25, "consumer_window_seconds": 10}
    assert deployed(lambda: queue(**settings), lambda: slow(15), plain_function, batching=batching)
    said = "the functions take 26 s with a window of 10 s: allowed for queue in is what its"
    refused(said, lambda: queue(**settings), lambda: slow(16), plain_function, batching=batching)
