"""Durable functions: settings, permissions, callbacks, and triggers that do not fit them."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.api.authorizer import LambdaAuthorizer
from components.api.http_api import HttpApi, HttpApiArgs
from components.api.route import Route
from components.compute.asynchronous import AsynchronousInvocation
from components.compute.durable_execution import DurableExecution
from components.compute.function import Function, FunctionArgs
from components.core.checks import ArgumentsError
from components.core.links import Link
from components.data.stream import Stream
from components.data.table import Table, TableArgs
from components.events.event_bus import EventBus
from components.events.queue import Queue
from components.workflow.invoke_function import InvokeFunction
from components.workflow.workflow import Workflow, WorkflowArgs
from tests.contracts.examples.base import CODE, HANDLER, plain_function
from tests.recording import Deployment, deploy

LONGEST = 366 * 24 * 3600


def durable(seconds: int = 86_400) -> Function:
    execution = DurableExecution(execution_timeout_seconds=seconds, retention_days=30)
    args = FunctionArgs(code=CODE, handler=HANDLER, durable=execution)
    return Function("review", args)


def statements(deployment: Deployment, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = deployment.document("RolePolicy", kind)["Statement"]
    return found


def test_executions_last_and_are_kept_as_long_as_is_given() -> None:
    inputs = deploy(durable).inputs("function:Function")
    assert inputs["durableConfig"] == {"executionTimeout": 86_400, "retentionPeriod": 30}


def test_a_function_is_not_durable_unless_it_is_asked_for() -> None:
    deployment = deploy(plain_function)
    assert "durableConfig" not in deployment.inputs("function:Function")
    assert "lambda:Checkpoint" not in str(deployment.resources)


def test_it_may_checkpoint_its_own_executions_only() -> None:
    deployment = deploy(durable)
    (statement,) = statements(deployment, "review-durable-policy")
    assert statement == {
        "Effect": "Allow",
        "Action": ["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"],
        "Resource": [f"{deployment.arn('function:Function')}:*"],
    }


def test_nothing_calls_it_before_it_may_checkpoint() -> None:
    assert "review-durable-policy" in deploy(durable).one("alias:Alias").depends_on


def test_a_callback_sender_may_answer_its_executions_and_no_more() -> None:
    def program() -> None:
        plain_function("decide", links=[durable().callback_sender()])

    deployment = deploy(program)
    statement = statements(deployment, "decide-policy")[-1]
    assert statement["Action"] == [
        "lambda:SendDurableExecutionCallbackSuccess",
        "lambda:SendDurableExecutionCallbackFailure",
        "lambda:SendDurableExecutionCallbackHeartbeat",
    ]
    (resource,) = statement["Resource"]
    assert resource.endswith(":function:review-function:*")


def test_a_callbacks_id_says_all_so_that_a_sender_needs_no_variable() -> None:
    made: list[Link] = []
    deploy(lambda: made.append(durable().callback_sender()))
    assert not made[0].environment


def test_a_function_that_is_not_durable_has_no_callbacks() -> None:
    with pytest.raises(ArgumentsError, match="function work is not durable: allowed is a durable"):
        deploy(lambda: plain_function().callback_sender())


@pytest.mark.parametrize("seconds", [1, LONGEST])
def test_an_execution_may_last_a_second_or_366_days(seconds: int) -> None:
    inputs = deploy(lambda: durable(seconds)).inputs("function:Function")
    assert inputs["durableConfig"]["executionTimeout"] == seconds


def routed(function: Function) -> object:
    return HttpApi(
        "front", HttpApiArgs(routes=[Route(key="GET /", function=function, auth="iam")])
    )


def guarded(function: Function) -> object:
    routes = [Route(key="GET /", function=plain_function(), auth="lambda")]
    authorizer = LambdaAuthorizer(function=function)
    return HttpApi("front", HttpApiArgs(routes=routes, lambda_authorizer=authorizer))


def called(function: Function) -> object:
    return Workflow("flow", WorkflowArgs(states=[InvokeFunction("Work", function=function)]))


WAITING: dict[str, Callable[[Function], object]] = {
    "route GET / of front": routed,
    "the authorizer of front": guarded,
    "state Work": called,
}
POLLED: dict[str, Callable[[Function], object]] = {
    "the mapping of incoming": lambda function: Queue("incoming").subscribe(function),
    "the mapping of clicks": lambda function: Stream("clicks").subscribe(function),
    "the mapping of items": lambda function: Table(
        "items", TableArgs(partition_key="id", stream="KEYS_ONLY")
    ).subscribe(function),
}
TOO_LONG = (
    "execution_timeout_seconds of review is 901, and {} waits for the result: allowed is up to "
    "900, or a function between them that invokes it asynchronously"
)


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, *_: said.append(message))
    return said


@pytest.mark.parametrize("trigger", WAITING)
def test_a_caller_that_waits_15_minutes_at_most_is_warned_of(
    trigger: str, warnings: list[str]
) -> None:
    deploy(lambda: WAITING[trigger](durable(901)))
    assert warnings == [TOO_LONG.format(trigger)]


@pytest.mark.parametrize("trigger", POLLED)
def test_a_mapping_that_lambda_would_refuse_is_refused(trigger: str) -> None:
    with pytest.raises(ArgumentsError, match=TOO_LONG.format(trigger)):
        deploy(lambda: POLLED[trigger](durable(901)))


@pytest.mark.parametrize("trigger", [*WAITING, *POLLED])
def test_executions_of_15_minutes_go_with_any_trigger(trigger: str, warnings: list[str]) -> None:
    make = {**WAITING, **POLLED}[trigger]
    deploy(lambda: make(durable(900)))
    deploy(lambda: make(plain_function("review")))
    assert not warnings


def test_executions_that_fail_leave_their_event_in_a_queue() -> None:
    deployment = deploy(durable)
    queue = deployment.arn("sqs/queue:Queue")
    assert deployment.inputs("function:Function")["deadLetterConfig"] == {"targetArn": queue}
    statement = statements(deployment, "review-policy")[-1]
    assert statement["Action"] == ["sqs:SendMessage"]
    assert statement["Resource"] == [queue]


def test_an_asynchronous_trigger_adds_nothing_to_that() -> None:
    deployment = deploy(lambda: EventBus("shop").on("all", {"source": ["shop"]}, durable()))
    assert not deployment.all("FunctionEventInvokeConfig")
    names = [each.name for each in deployment.all("sqs/queue:Queue")]
    assert [name for name in names if name.startswith("review")] == ["review-failed-events-queue"]


def test_retries_and_destinations_which_lambda_does_not_know_there_are_refused() -> None:
    with pytest.raises(ArgumentsError, match="asynchronous is given for a durable function"):
        FunctionArgs(
            code=CODE,
            handler=HANDLER,
            durable=DurableExecution(execution_timeout_seconds=60),
            asynchronous=AsynchronousInvocation(),
        )
