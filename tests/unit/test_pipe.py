import json
from collections.abc import Callable
from typing import Any

import pytest

from components.core.logs import LogSettings
from components.data.stream import Stream
from components.events.event_source import Batching, StreamReading
from components.events.pipe import Pipe, PipeArgs
from components.events.queue import Queue, QueueArgs
from components.events.topic import Topic
from tests.contracts.examples.base import plain_function
from tests.contracts.examples.schedules import fifo
from tests.contracts.examples.streams import key
from tests.recording import deploy
from tests.unit.piping import (
    ARN,
    BUS,
    Workflow,
    bus,
    deployed,
    out,
    refused,
    statements,
    stream,
    table,
)


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
