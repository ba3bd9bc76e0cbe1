"""The API of durable executions in front of the runner, without emulator or runner."""

import base64
import json
from types import SimpleNamespace
from typing import Any

import pytest

from local.emulator.durable import starts
from local.emulator.durable_api import answer, asked, decide_by_iam, forward

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:review"
EXECUTION = f"{FUNCTION}:3/durable-execution/order-1/11111111"
CALLBACK = base64.b64encode(json.dumps({"arn": EXECUTION, "op": "?>~"}).encode()).decode()
EXECUTIONS = "/2025-12-01/durable-executions"
CALLBACKS = f"/2025-12-01/durable-execution-callbacks/{CALLBACK}"


class FakeRunner:
    """Answers each call with the same, and keeps what it was asked."""

    def __init__(self, told: Any) -> None:
        self.told = told
        self.asked: list[tuple[str, str, bytes]] = []

    def call(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        self.asked.append((method, path, body))
        return 200, json.dumps(self.told).encode()


def decided(method: str, path: str, service: str = "lambda") -> tuple[str, str]:
    actions = SimpleNamespace(
        extract_iam_action=lambda *_: "its own action",
        extract_resource_arn=lambda *_: "its own resource",
    )
    decide_by_iam(actions)
    return (
        actions.extract_iam_action(service, method, path, {}),
        actions.extract_resource_arn(service, method, path, {}),
    )


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("POST", f"{EXECUTIONS}/{EXECUTION}/checkpoint", "CheckpointDurableExecution"),
        ("GET", f"{EXECUTIONS}/{EXECUTION}/state", "GetDurableExecutionState"),
        ("GET", f"{EXECUTIONS}/{EXECUTION}/history", "GetDurableExecutionHistory"),
        ("GET", f"{EXECUTIONS}/{EXECUTION}", "GetDurableExecution"),
        ("POST", f"{EXECUTIONS}/{EXECUTION}/stop", "StopDurableExecution"),
        ("POST", f"{CALLBACKS}/succeed", "SendDurableExecutionCallbackSuccess"),
        ("POST", f"{CALLBACKS}/fail", "SendDurableExecutionCallbackFailure"),
        ("POST", f"{CALLBACKS}/heartbeat", "SendDurableExecutionCallbackHeartbeat"),
    ],
)
def test_iam_decides_by_the_execution(method: str, path: str, action: str) -> None:
    assert decided(method, path) == (f"lambda:{action}", EXECUTION)


def test_a_list_of_executions_is_of_their_function() -> None:
    path = f"/2025-12-01/functions/{FUNCTION}/durable-executions"
    assert decided("GET", path) == (
        "lambda:ListDurableExecutionsByFunction",
        "its own resource",
    )


@pytest.mark.parametrize("callback", ["nonsense", base64.b64encode(b'{"op": 1}').decode()])
def test_a_callback_of_nothing_is_of_no_execution(callback: str) -> None:
    _, resource = decided("POST", f"/2025-12-01/durable-execution-callbacks/{callback}/fail")
    assert resource == "*"


def test_other_paths_and_services_are_the_emulators() -> None:
    for method, path, service in (
        ("GET", "/2015-03-31/functions/review", "lambda"),
        ("GET", f"{EXECUTIONS}/{EXECUTION}", "s3"),
    ):
        assert decided(method, path, service) == ("its own action", "its own resource")


def test_what_was_quoted_is_quoted_again() -> None:
    runner: Any = FakeRunner({})
    found = asked(f"{EXECUTIONS}/{EXECUTION}/state")
    assert found
    forward(runner, "GET", found, {"MaxItems": ["5"]}, b"")
    ((_, path, _),) = runner.asked
    assert path == (
        "/2025-12-01/durable-executions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction"
        "%3Areview%3A3%2Fdurable-execution%2Forder-1%2F11111111/state?MaxItems=5"
    )
    found = asked(f"{CALLBACKS}/succeed")
    assert found
    forward(runner, "POST", found, {}, b"42")
    assert runner.asked[-1][2] == b"42"


@pytest.mark.parametrize("function", ["review", f"{FUNCTION}:live"])
def test_executions_are_listed_by_the_functions_name_and_by_status(function: str) -> None:
    told = [{"Status": status} for status in ("RUNNING", "FAILED", "SUCCEEDED")]
    runner: Any = FakeRunner({"DurableExecutions": told})
    found = asked(f"/2025-12-01/functions/{function}/durable-executions")
    assert found
    statuses = ["FAILED", "SUCCEEDED"]
    _, _, body = forward(runner, "GET", found, {"Statuses": statuses}, b"")
    assert [each["Status"] for each in json.loads(body)["DurableExecutions"]] == statuses
    assert runner.asked == [("GET", "/2025-12-01/functions/review/durable-executions?", b"")]


def test_clients_read_an_errors_name_from_the_header() -> None:
    _, headers, _ = answer(404, b'{"Type": "ResourceNotFoundException"}')
    assert headers["x-amzn-errortype"] == "ResourceNotFoundException"
    assert "x-amzn-errortype" not in answer(200, b"{}")[1]


@pytest.mark.parametrize("event", [{}, {"DurableExecutionArn": EXECUTION}, [1], "text", None])
def test_an_event_starts_an_execution_of_a_durable_function(event: Any) -> None:
    assert starts({"DurableConfig": {"ExecutionTimeout": 1}}, event)
    assert not starts({}, event)


def test_the_runners_own_go_on_with_one() -> None:
    event = {"DurableExecutionArn": EXECUTION, "CheckpointToken": "token"}
    assert not starts({"DurableConfig": {"ExecutionTimeout": 1}}, event)
