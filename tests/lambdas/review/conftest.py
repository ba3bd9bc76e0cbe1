"""The table of reviews, the durable function on AWS's own runner, and the workflow's answers."""

import importlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from types import ModuleType
from typing import Any

import boto3
import pytest
from aws_durable_execution_sdk_python_testing import DurableFunctionTestRunner
from aws_durable_execution_sdk_python_testing.exceptions import ResourceNotFoundException
from mypy_boto3_dynamodb import DynamoDBClient

from tests.lambdas import tables
from tests.lambdas.builders import REGION
from tests.lambdas.review.requests import ORDER, REVIEWS, TOKEN, VARIABLES, asked


@pytest.fixture(autouse=True)
def variables(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def reviews(aws: None, monkeypatch: pytest.MonkeyPatch) -> DynamoDBClient:
    tables.one_at_a_time(monkeypatch)
    client = boto3.client("dynamodb", region_name=REGION)
    client.create_table(
        TableName=REVIEWS,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"}
            for name in ("order_id", "status", "waiting_since")
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "waiting",
                "KeySchema": [
                    {"AttributeName": "status", "KeyType": "HASH"},
                    {"AttributeName": "waiting_since", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return client


@pytest.fixture
def api(variables: None) -> ModuleType:
    return importlib.import_module("review.api")


@pytest.fixture
def handler(variables: None) -> ModuleType:
    return importlib.import_module("review.handler")


@pytest.fixture
def workflow(handler: ModuleType, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """Return what each task token was answered with."""
    answered: dict[str, list[Any]] = {}

    def success(*, taskToken: str, output: str) -> None:  # noqa: N803
        answered.setdefault(taskToken, []).append(json.loads(output))

    def failure(*, taskToken: str, error: str, cause: str) -> None:  # noqa: N803
        answered.setdefault(taskToken, []).append(error)

    stepfunctions = handler.answers.stepfunctions
    monkeypatch.setattr(stepfunctions, "send_task_success", success)
    monkeypatch.setattr(stepfunctions, "send_task_failure", failure)
    return answered


@pytest.fixture
def impatient(handler: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a person have one second: the runner skips the pauses of retries, but not this."""
    monkeypatch.setattr(handler, "limits", handler.limits.model_copy(update={"seconds": 1}))


class Service:
    """Durable executions of the function, each on a runner of its own, and their callbacks."""

    def __init__(self, function: Callable[..., Any], runners: ExitStack) -> None:
        self._function, self._runners = function, runners
        self._started: list[tuple[DurableFunctionTestRunner, str]] = []
        self.sent: list[Any] = []

    def start(self, token: str = TOKEN, *, waits: bool = True) -> Callable[[], Any]:
        """Start an execution, let it come to where it waits, and return what gets its result."""
        runner = DurableFunctionTestRunner(self._function, poll_interval=0.02, region=REGION)
        self._runners.enter_context(runner)
        arn = runner.run_async(input=json.dumps(asked(token)), execution_timeout=10**6)
        self._started.append((runner, arn))
        if waits:
            runner.wait_for_callback(arn)
        return lambda: runner.wait_for_result(arn)

    def succeed(self, callback_id: str, result: bytes) -> None:
        self.sent.append(json.loads(result))
        for runner, _ in self._started:
            with suppress(ResourceNotFoundException):
                runner.send_callback_success(callback_id, result)
                return
        raise LookupError(callback_id)


@pytest.fixture
def service(
    handler: ModuleType, api: ModuleType, reviews: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    client = api.callbacks.durable()
    with ExitStack() as runners:
        service = Service(handler.review, runners)

        def send(*, CallbackId: str, Result: bytes) -> None:  # noqa: N803
            try:
                service.succeed(CallbackId, Result)
            except LookupError:
                error = {"Error": {"Code": "CallbackTimeoutException", "Message": "closed"}}
                raise client.exceptions.CallbackTimeoutException(
                    error, "SendDurableExecutionCallbackSuccess"
                ) from None

        monkeypatch.setattr(client, "send_durable_execution_callback_success", send)
        yield service


@pytest.fixture
def register(api: ModuleType, reviews: DynamoDBClient) -> Callable[..., None]:
    """Let a review wait, with no execution behind it."""

    def go(order_id: str = ORDER, callback_id: str = "callback", at: str = "2026-11-24") -> None:
        models = importlib.import_module("review.models")
        request = models.Asked.model_validate(asked(order_id=order_id))
        api.store.register(request, callback_id, at)

    return go
