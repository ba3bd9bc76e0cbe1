"""Schedules and pipes whose roles may do less, whose targets refuse, and that change."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.local.engine_side import Engine
from tests.local.provider.made import Made, make
from tests.local.provider.test_forwarding import eventually
from tests.local.world import TRUST

pytestmark = pytest.mark.local
Look = Callable[[str], Any]
SCHEDULE = "aws:scheduler/schedule:Schedule"
PIPE = "aws:pipes/pipe:Pipe"
TAKE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def queue(engine: Engine, **settings: Any) -> Made:
    return make(engine, "aws:sqs/queue:Queue", **settings)


def role(engine: Engine, *allowed: tuple[str, str]) -> str:
    made = make(engine, "aws:iam/role:Role", assumeRolePolicy=TRUST)
    if allowed:
        statements = [{"Effect": "Allow", "Action": a, "Resource": r} for a, r in allowed]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        make(engine, "aws:iam/rolePolicy:RolePolicy", role=made.state["name"], policy=policy)
    return str(made.state["arn"])


def schedule(engine: Engine, target: dict[str, Any], **more: Any) -> Made:
    given = {
        "scheduleExpression": f"at({datetime.now(UTC):%Y-%m-%dT%H:%M:%S})",
        "flexibleTimeWindow": {"mode": "OFF"},
        **more,
    }
    return make(engine, SCHEDULE, target=target, **given)


def messages(aws: Look, made: Made) -> list[Any]:
    answer = aws("sqs").receive_message(
        QueueUrl=made.id, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return list(answer.get("Messages", []))


def functions(aws: Look, kind: str) -> list[str]:
    found = aws("lambda").list_functions()["Functions"]
    return [f["FunctionName"] for f in found if f["FunctionName"].startswith(f"{kind}-")]


def test_what_the_role_of_a_schedule_may_not_do_ends_in_its_queue(
    engine: Engine, aws: Look
) -> None:
    jobs, failures = queue(engine), queue(engine)
    target = {
        "arn": jobs.state["arn"],
        "roleArn": role(engine, ("sqs:SendMessage", failures.state["arn"])),
        "input": json.dumps({"attempt": "<aws.scheduler.attempt-number>"}),
        "deadLetterConfig": {"arn": failures.state["arn"]},
    }
    made = schedule(engine, target)
    (kept,) = eventually(lambda: messages(aws, failures))
    assert json.loads(kept["Body"]) == {"attempt": "1"}
    said = {name: each["StringValue"] for name, each in kept["MessageAttributes"].items()}
    assert said["TARGET_ARN"] == jobs.state["arn"]
    assert said["SCHEDULE_ARN"] == made.state["arn"]
    assert "AccessDenied" in said["ERROR_CODE"]
    assert not messages(aws, jobs)
    engine.delete(SCHEDULE, made.id, made.state)


def test_cron_in_another_zone_is_recorded_and_never_fires(engine: Engine, aws: Look) -> None:
    target = {"arn": queue(engine).state["arn"], "roleArn": role(engine)}
    every = {"scheduleExpression": "cron(* * * * ? *)"}
    made = schedule(engine, target, **every, scheduleExpressionTimezone="Asia/Tokyo")
    assert (SCHEDULE, "thing") in engine.provider.recorded
    assert made.read() == made.inputs
    group, name = made.id.split("/")
    live = aws("scheduler").get_schedule(Name=name, GroupName=group)
    assert live["State"] == "DISABLED"
    made.update("scheduleExpressionTimezone")
    live = aws("scheduler").get_schedule(Name=name, GroupName=group)
    assert live["State"] == "ENABLED"
    assert made.read() == made.inputs
    engine.delete(SCHEDULE, made.id, made.state)


def test_what_is_changed_by_hand_is_drift(engine: Engine, aws: Look) -> None:
    target = {"arn": queue(engine).state["arn"], "roleArn": role(engine)}
    made = schedule(engine, target, scheduleExpression="rate(1 hour)")
    group, name = made.id.split("/")
    scheduler = aws("scheduler")
    live = scheduler.get_schedule(Name=name, GroupName=group)
    scheduler.update_schedule(
        Name=name,
        GroupName=group,
        ScheduleExpression="rate(2 hours)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=live["Target"],
    )
    assert made.read()["scheduleExpression"] == "rate(2 hours)"
    aws("lambda").delete_function(FunctionName=functions(aws, "schedule")[0])
    assert engine.read(SCHEDULE, made.id, made.state, made.inputs)[0] == ""
    engine.delete(SCHEDULE, made.id, made.state)
    assert not functions(aws, "schedule")


def mappings(aws: Look, source: Made) -> list[Any]:
    """Return what reads a queue: other tests have mappings of their own."""
    found = aws("lambda").list_event_source_mappings(EventSourceArn=source.state["arn"])
    return list(found["EventSourceMappings"])


def pipe(engine: Engine, source: Made, target: str, role_arn: str, **more: Any) -> Made:
    where = {"source": source.state["arn"], "target": target, "roleArn": role_arn}
    return make(engine, PIPE, namePrefix="move-", **where, **more)


def send(aws: Look, made: Made, *bodies: str) -> None:
    for body in bodies:
        aws("sqs").send_message(QueueUrl=made.id, MessageBody=body)


def logged(aws: Look, words: str) -> list[str]:
    """Return what the function of the one pipe wrote with these words in it."""
    (name,) = functions(aws, "pipe")
    group = f"/aws/lambda/{name}"
    if not aws("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        return []
    events = aws("logs").filter_log_events(logGroupName=group)["events"]
    return [each["message"] for each in events if words in each["message"]]


@pytest.fixture
def workflow(engine: Engine, aws: Look) -> Any:
    done = {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}}
    made = aws("stepfunctions").create_state_machine(
        name=f"done-{datetime.now(UTC):%H%M%S%f}",
        definition=json.dumps(done),
        roleArn=role(engine),
    )
    return made["stateMachineArn"]


def inputs(aws: Look, workflow: str) -> list[Any]:
    sfn = aws("stepfunctions")
    found = sfn.list_executions(stateMachineArn=workflow)["executions"]
    told = [sfn.describe_execution(executionArn=each["executionArn"]) for each in found]
    return [json.loads(each["input"]) for each in told]


def test_workflows_are_started_by_schedules_and_pipes(
    engine: Engine, aws: Look, workflow: str
) -> None:
    start = ("states:StartExecution", workflow)
    target = {"arn": workflow, "roleArn": role(engine, start), "input": '{"by": "clock"}'}
    made = schedule(engine, target)
    assert eventually(lambda: inputs(aws, workflow)) == [{"by": "clock"}]
    engine.delete(SCHEDULE, made.id, made.state)

    source = queue(engine)
    allowed = [(each, source.state["arn"]) for each in TAKE]
    template = {"inputTemplate": '{"by": <$.body>}'}
    made = pipe(engine, source, workflow, role(engine, start, *allowed), targetParameters=template)
    send(aws, source, "message")
    eventually(lambda: len(inputs(aws, workflow)) > 1)
    assert [{"by": "message"}] in inputs(aws, workflow)
    engine.delete(PIPE, made.id, made.state)


def test_what_a_target_refuses_comes_again_alone(engine: Engine, aws: Look) -> None:
    source = queue(engine, visibilityTimeoutSeconds=0)
    target = queue(engine, fifoQueue=True)
    allowed = [(each, source.state["arn"]) for each in TAKE]
    parameters = {"sqsQueueParameters": {"messageGroupId": "$.body.group"}}
    by = role(engine, *allowed, ("sqs:SendMessage", target.state["arn"]))
    made = pipe(engine, source, target.state["arn"], by, targetParameters=parameters)
    # Without a deduplication id, a FIFO queue that does not make one refuses the message.
    send(aws, source, '{"group": "a"}')
    assert eventually(lambda: len(logged(aws, "refused an event")) > 1)
    unique = {"messageGroupId": "$.body.group", "messageDeduplicationId": "$.messageId"}
    made.update(targetParameters={"sqsQueueParameters": unique})
    (moved,) = eventually(lambda: messages(aws, target))
    assert json.loads(moved["Body"])["body"] == '{"group": "a"}'
    engine.delete(PIPE, made.id, made.state)
    assert not functions(aws, "pipe")
    assert not mappings(aws, source)


def test_a_pipe_does_only_what_its_role_may(engine: Engine, aws: Look) -> None:
    source, target = queue(engine, visibilityTimeoutSeconds=0), queue(engine)
    allowed = [(each, source.state["arn"]) for each in TAKE]
    made = pipe(engine, source, target.state["arn"], role(engine, *allowed))
    send(aws, source, "one")
    assert eventually(lambda: logged(aws, "AccessDenied"))
    assert not messages(aws, target)
    engine.delete(PIPE, made.id, made.state)


def test_a_pipe_that_stands_still_moves_nothing_until_it_runs(engine: Engine, aws: Look) -> None:
    standing, running, target = queue(engine), queue(engine), queue(engine)
    allowed = [(each, made.state["arn"]) for made in (standing, running) for each in TAKE]
    by = role(engine, *allowed, ("sqs:SendMessage", target.state["arn"]))
    made = pipe(engine, standing, target.state["arn"], by, desiredState="STOPPED")
    other = pipe(engine, running, target.state["arn"], by)
    for source, body in ((standing, "one"), (running, "two")):
        send(aws, source, body)
    (moved,) = eventually(lambda: messages(aws, target))
    assert json.loads(moved["Body"])["body"] == "two"
    engine.delete(PIPE, other.id, other.state)
    made.update(desiredState="RUNNING")
    (moved,) = eventually(lambda: messages(aws, target))
    assert json.loads(moved["Body"])["body"] == "one"
    assert made.read() == made.inputs
    (mapping,) = mappings(aws, standing)
    aws("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
    assert engine.read(PIPE, made.id, made.state, made.inputs)[0] == ""
    engine.delete(PIPE, made.id, made.state)
