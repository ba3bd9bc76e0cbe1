import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from components.compute.asynchronous import Destination
from components.core.checks import ArgumentsError
from components.data.stream import Stream
from components.events.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.events.event_bus import EventBus
from components.events.queue import Queue, QueueArgs
from components.events.schedule import Schedule, ScheduleArgs
from components.events.topic import Topic, TopicArgs
from tests.contracts.examples.base import plain_function
from tests.contracts.examples.schedules import fifo
from tests.contracts.examples.streams import key
from tests.recording import Deployment, deploy
from tests.unit.piping import Workflow

ARN = "arn:aws:{}:eu-central-1:123456789012:{}"
BUS = {"event_source": "clock", "detail_type": "Tick"}
Target = Callable[[], Destination]


def deployed(target: Target = lambda: Queue("jobs"), **settings: Any) -> Deployment:
    given = {"expression": "rate(15 minutes)", **settings}
    return deploy(lambda: Schedule("tick", ScheduleArgs(target=target(), **given)))


def refused(said: str, target: Target = lambda: Queue("jobs"), **settings: Any) -> None:
    with pytest.raises(ArgumentsError, match=said):
        deployed(target, **settings)


def test_a_schedule_is_on_in_utc_and_at_the_minute_and_retried_for_a_day() -> None:
    schedule = deployed().inputs("schedule:Schedule", "tick-schedule")
    assert schedule == {
        "groupName": "tick-group-1234567",
        "scheduleExpression": "rate(15 minutes)",
        "scheduleExpressionTimezone": "UTC",
        "flexibleTimeWindow": {"mode": "OFF"},
        "state": "ENABLED",
        "actionAfterCompletion": "NONE",
        "target": {
            "arn": ARN.format("sqs", "jobs-queue"),
            "roleArn": "arn:aws:iam::123456789012:role/tick-role",
            "retryPolicy": {"maximumRetryAttempts": 185, "maximumEventAgeInSeconds": 86_400},
            "deadLetterConfig": {"arn": ARN.format("sqs", "tick-failures-queue")},
        },
    }


def test_what_is_given_is_what_scheduler_gets() -> None:
    schedule = deployed(
        expression="cron(0 8 ? * MON-FRI *)",
        timezone="Europe/Berlin",
        flexible_window_minutes=30,
        start_date="2030-01-01T00:00:00Z",
        end_date="2031-01-01T00:00:00Z",
        enabled=False,
        after_completion="DELETE",
        retries=0,
        maximum_age_seconds=60,
        input={"at": "<aws.scheduler.scheduled-time>"},
    ).inputs("schedule:Schedule")
    assert schedule["scheduleExpressionTimezone"] == "Europe/Berlin"
    window = {"mode": "FLEXIBLE", "maximumWindowInMinutes": 30}
    assert schedule["flexibleTimeWindow"] == window
    assert schedule["startDate"] == "2030-01-01T00:00:00Z"
    assert schedule["endDate"] == "2031-01-01T00:00:00Z"
    assert (schedule["state"], schedule["actionAfterCompletion"]) == ("DISABLED", "DELETE")
    target = schedule["target"]
    assert json.loads(target["input"]) == {"at": "<aws.scheduler.scheduled-time>"}
    policy = {"maximumRetryAttempts": 0, "maximumEventAgeInSeconds": 60}
    assert target["retryPolicy"] == policy


def test_an_input_may_hold_what_other_resources_tell() -> None:
    def program() -> None:
        jobs = Queue("jobs")
        args = ScheduleArgs(expression="rate(1 day)", target=jobs, input={"queue": jobs.url})
        Schedule("tick", args)

    target = deploy(program).inputs("schedule:Schedule")["target"]
    assert json.loads(target["input"])["queue"].endswith("/jobs-queue")


def test_only_schedules_of_the_group_may_use_the_role() -> None:
    (statement,) = deployed().document("role:Role", "tick-role", "assumeRolePolicy")["Statement"]
    assert statement["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": ARN.format("scheduler", "tick-group")},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }


@pytest.mark.parametrize(
    ("target", "settings", "action", "inputs"),
    [
        (lambda: Queue("jobs"), {}, "sqs:SendMessage", {}),
        (
            fifo,
            {"message_group_id": "g"},
            "sqs:SendMessage",
            {"sqsParameters": {"messageGroupId": "g"}},
        ),
        (lambda: Topic("news"), {}, "sns:Publish", {}),
        (
            lambda: Stream("clicks"),
            {"partition_key": "k"},
            "kinesis:PutRecord",
            {"kinesisParameters": {"partitionKey": "k"}},
        ),
        (
            lambda: EventBus("events"),
            BUS,
            "events:PutEvents",
            {"eventbridgeParameters": {"source": "clock", "detailType": "Tick"}},
        ),
        (Workflow, {}, "states:StartExecution", {}),
    ],
)
def test_each_kind_of_target_gets_its_permission_and_parameters(
    target: Target, settings: dict[str, Any], action: str, inputs: dict[str, Any]
) -> None:
    deployment = deployed(target, **settings)
    given = deployment.inputs("schedule:Schedule")["target"]
    assert inputs.items() <= given.items()
    send, fail = deployment.document("RolePolicy", "tick-policy")["Statement"]
    assert send["Action"][0] == action
    assert send["Resource"] == [given["arn"]]
    assert fail["Resource"] == [ARN.format("sqs", "tick-failures-queue")]


def test_a_function_is_invoked_by_its_alias_and_keeps_failed_events() -> None:
    deployment = deployed(plain_function)
    assert deployment.inputs("schedule:Schedule")["target"]["arn"].endswith(":live")
    assert deployment.one("FunctionEventInvokeConfig", "work-asynchronous")
    invoke = deployment.document("RolePolicy", "tick-policy")["Statement"][0]
    assert invoke["Action"] == ["lambda:InvokeFunction"]


def test_a_key_encrypts_the_schedule_and_its_failures() -> None:
    def program() -> None:
        jobs = Queue("jobs")
        Schedule("tick", ScheduleArgs(expression="rate(1 day)", target=jobs, key=key()))

    deployment = deploy(program)
    arn = deployment.arn("key:Key")
    assert deployment.inputs("schedule:Schedule")["kmsKeyArn"] == arn
    assert deployment.inputs("queue:Queue", "tick-failures-queue")["kmsMasterKeyId"] == arn
    statements = deployment.document("RolePolicy", "tick-policy")["Statement"]
    assert statements[-1] == {
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:DescribeKey"],
        "Resource": [arn],
    }


def test_expression_and_zone_are_checked() -> None:
    refused("expression is 'hourly': allowed is cron", expression="hourly")
    refused("timezone is 'Berlin': allowed is", timezone="Berlin")


def test_a_period_ends_after_it_begins_and_is_in_utc() -> None:
    start = "2030-01-01T00:00:00Z"
    refused("start_date is '2030': allowed is a time such as", start_date="2030")
    refused("end_date is '2030-01-01T00:00:00'", end_date="2030-01-01T00:00:00")
    refused("allowed is later than the start_date", start_date=start, end_date=start)


def test_one_time_has_no_period_and_what_never_ends_is_not_deleted() -> None:
    once: dict[str, Any] = {"expression": "at(2030-01-01T00:00:00)"}
    assert deployed(**once, after_completion="DELETE")
    date = "2030-01-01T00:00:00Z"
    refused("start_date is '2030.*one-time schedule: allowed is None", **once, start_date=date)
    refused("end_date is '2030.*one-time schedule: allowed is None", **once, end_date=date)
    refused("for a schedule that never ends: allowed is 'NONE'", after_completion="DELETE")


def test_an_input_has_known_attributes_and_256_kb() -> None:
    most = 256 * 1024 - len('{"a": ""}')
    assert deployed(input={"a": "x" * most})
    refused("bytes of input is 262145: allowed is 0 to 262,144", input={"a": "x" * (most + 1)})
    refused("attribute of input is '<aws.scheduler.now>'", input={"a": "<aws.scheduler.now>"})


def test_a_target_gets_what_its_kind_needs_and_nothing_else() -> None:
    refused("message_group_id is None for a FIFO queue: allowed is a text", fifo)
    refused("message_group_id is 'g' for a queue: allowed is None", message_group_id="g")
    refused("partition_key is None for a stream: allowed is a text", lambda: Stream("clicks"))
    refused("partition_key is 'k' for a topic", lambda: Topic("news"), partition_key="k")
    refused("event_source is None for an event bus", lambda: EventBus("e"), detail_type="d")
    refused("detail_type is None for an event bus", lambda: EventBus("e"), event_source="s")
    refused("detail_type is 'd' for a function", plain_function, detail_type="d")


@pytest.mark.parametrize(
    ("target", "name", "most"),
    [
        (fifo, "message_group_id", 100),
        (lambda: Stream("clicks"), "partition_key", 256),
        (lambda: EventBus("events"), "event_source", 256),
        (lambda: EventBus("events"), "detail_type", 128),
    ],
)
def test_what_a_target_is_told_has_a_length(target: Target, name: str, most: int) -> None:
    others = BUS if name in BUS else {}
    assert deployed(target, **{**others, name: "x" * most})
    for wrong in ("x" * (most + 1), ""):
        refused(f"{name} is '{wrong}': allowed is 1 to", target, **{**others, name: wrong})


def test_a_source_is_not_of_aws() -> None:
    for right in ("aws", "my.aws.shop", "/a b", "$.a[0].b-c"):
        assert deployed(lambda: EventBus("e"), **{**BUS, "event_source": right})
    for wrong in ("aws.a", " a", "$a", "é"):
        settings: dict[str, Any] = {**BUS, "event_source": wrong}
        refused(f"event_source is '{re.escape(wrong)}'", lambda: EventBus("e"), **settings)


def test_a_fifo_queue_drops_repeats_by_itself() -> None:
    said = "FIFO queue without content_based_deduplication: allowed is with it"
    refused(said, lambda: Queue("jobs", QueueArgs(fifo=True)), message_group_id="g")
    dead = DeadLetterQueueArgs(fifo=True)
    refused(said, lambda: DeadLetterQueue("jobs", dead), message_group_id="g")


def test_a_fifo_topic_is_refused() -> None:
    refused("a FIFO topic: allowed is a standard one", lambda: Topic("news", TopicArgs(fifo=True)))
