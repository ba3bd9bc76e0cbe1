"""The durable function, on AWS's own runner."""

import importlib
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest
from aws_durable_execution_sdk_python import RetryableSerDesError
from botocore.exceptions import ClientError
from mypy_boto3_dynamodb import DynamoDBClient

from tests.lambdas.builders import CONTEXT, document
from tests.lambdas.conftest import Log
from tests.lambdas.review.conftest import Service
from tests.lambdas.review.requests import (
    ORDER,
    REVIEWER,
    REVIEWS,
    asked,
    decision_event,
    reviewer_event,
)
from tests.lambdas.tables import items, lost_answer

Answers = dict[str, list[Any]]
APPROVED = {"decision": "approve", "reviewer": REVIEWER}
REJECTED = {"decision": "reject", "reviewer": REVIEWER}


def listed(api: ModuleType) -> list[str]:
    answer = document(api.list_reviews(reviewer_event(), CONTEXT), 200)
    return [review["order_id"] for review in answer["reviews"]]


@pytest.mark.parametrize(("verb", "answer"), [("approve", APPROVED), ("reject", REJECTED)])
def test_a_decision_is_waited_for_and_told_to_the_workflow(
    service: Service, api: ModuleType, workflow: Answers, verb: str, answer: dict[str, str]
) -> None:
    result = service.start()
    assert listed(api) == [ORDER]
    assert workflow == {}
    document(getattr(api, verb)(decision_event(verb), CONTEXT), 200)
    assert result().status.value == "SUCCEEDED"
    assert workflow == {"token-1": [answer]}
    assert listed(api) == []


def test_a_review_that_nobody_decides_in_time_fails_in_the_workflow(
    service: Service, impatient: None, api: ModuleType, workflow: Answers, reviews: DynamoDBClient
) -> None:
    assert service.start(waits=False)().status.value == "SUCCEEDED"
    assert workflow == {"token-1": ["ReviewTimedOutError"]}
    assert listed(api) == []
    [review] = items(reviews, REVIEWS)
    assert review["status"] == "EXPIRED"
    late = document(api.approve(decision_event("approve"), CONTEXT), 409)
    assert "EXPIRED" in late["detail"]


def test_a_decision_whose_callback_was_lost_is_found_at_the_time_out(
    service: Service,
    impatient: None,
    handler: ModuleType,
    workflow: Answers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = handler.store
    whole = store.register

    def decided_at_once(*request: Any) -> Any:
        review = whole(*request)
        store.close(ORDER, "REJECTED", "2026-11-24", REVIEWER)
        return review

    monkeypatch.setattr(store, "register", decided_at_once)
    service.start(waits=False)()
    assert service.sent == []
    assert workflow == {"token-1": [REJECTED]}


def test_two_executions_of_one_order_are_both_answered(
    service: Service, api: ModuleType, workflow: Answers
) -> None:
    results = [service.start("token-1"), service.start("token-2")]
    assert listed(api) == [ORDER]
    document(api.approve(decision_event("approve"), CONTEXT), 200)
    assert {result().status.value for result in results} == {"SUCCEEDED"}
    assert workflow == {"token-1": [APPROVED], "token-2": [APPROVED]}


def test_an_execution_that_starts_after_the_decision_is_answered_at_once(
    service: Service, api: ModuleType, workflow: Answers, reviews: DynamoDBClient
) -> None:
    first = service.start("token-1")
    document(api.reject(decision_event("reject"), CONTEXT), 200)
    first()
    [before] = items(reviews, REVIEWS)
    service.start("token-2", waits=False)()
    assert workflow["token-2"] == [REJECTED]
    assert items(reviews, REVIEWS) == [before]


def test_an_execution_that_starts_after_the_time_out_is_told_of_it(
    service: Service, impatient: None, workflow: Answers
) -> None:
    for token in ("token-1", "token-2"):
        service.start(token, waits=False)()
    assert workflow == {"token-1": ["ReviewTimedOutError"], "token-2": ["ReviewTimedOutError"]}


def test_a_registration_whose_answer_is_lost_is_repeated_and_finds_what_was_decided_meanwhile(
    service: Service, handler: ModuleType, api: ModuleType, workflow: Answers
) -> None:
    with lost_answer(handler.store.dynamodb, "update_item"):
        result = service.start()
    document(api.approve(decision_event("approve"), CONTEXT), 200)
    result()
    assert workflow == {"token-1": [APPROVED]}


@pytest.mark.parametrize("step", ["register", "close", "decided"])
def test_an_invocation_that_dies_after_the_effect_of_a_step_is_repeated_from_there(
    service: Service,
    handler: ModuleType,
    api: ModuleType,
    workflow: Answers,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    module = handler.answers if step == "decided" else handler.store
    whole, runs = getattr(module, step), []

    def dies_once(*given: Any) -> Any:
        result = whole(*given)
        # The decision itself is made by the API, through the same function.
        if given[1] != "REJECTED" or step == "decided":
            runs.append(step)
            if len(runs) == 1:
                raise RetryableSerDesError("the sandbox is gone")
        return result

    monkeypatch.setattr(module, step, dies_once)
    result = service.start()
    document(api.reject(decision_event("reject"), CONTEXT), 200)
    assert result().status.value == "SUCCEEDED"
    assert len(runs) == 2
    assert set(map(str, workflow["token-1"])) == {str(REJECTED)}


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_workflow_that_no_longer_waits_is_no_error(
    service: Service,
    handler: ModuleType,
    api: ModuleType,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
) -> None:
    stepfunctions = handler.answers.stepfunctions

    def gone(**_: object) -> None:
        raise getattr(stepfunctions.exceptions, code)({"Error": {"Code": code}}, "SendTask")

    monkeypatch.setattr(stepfunctions, "send_task_success", gone)
    monkeypatch.setattr(stepfunctions, "send_task_failure", gone)
    result = service.start()
    document(api.approve(decision_event("approve"), CONTEXT), 200)
    assert result().status.value == "SUCCEEDED"
    handler.answers.failed("token-1", "ReviewTimedOutError", "nobody decided in time")
    assert [line["reason"] for line in log.lines("nobody waits for this answer")] == [code] * 2


def test_a_review_that_cannot_be_made_is_given_up_before_its_time(
    service: Service, handler: ModuleType, workflow: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def update_item(**_: object) -> None:
        tries.append(1)
        response: Any = {"Error": {"Code": "AccessDeniedException", "Message": "internals"}}
        raise ClientError(response, "UpdateItem")

    monkeypatch.setattr(handler.store.dynamodb, "update_item", update_item)
    assert service.start(waits=False)().status.value == "FAILED"
    assert len(tries) == 12
    assert workflow == {"token-1": ["ReviewFailedError"]}


def test_of_decisions_at_the_same_time_one_stands_and_every_execution_learns_of_it(
    handler: ModuleType, api: ModuleType, reviews: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: set[str] = set()
    monkeypatch.setattr(
        api.callbacks.durable(),
        "send_durable_execution_callback_success",
        lambda **call: woken.add(call["CallbackId"]),
    )
    request = importlib.import_module("review.models").Asked.model_validate(asked())

    def register(number: int) -> tuple[str, str]:
        found = handler.store.register(request, f"callback-{number}", handler.now())
        return f"callback-{number}", found.status

    def decide(verb: str) -> int:
        return int(getattr(api, verb)(decision_event(verb), CONTEXT)["statusCode"])

    for attempt in range(5):
        reviews.delete_item(TableName=REVIEWS, Key={"order_id": {"S": ORDER}})
        woken.clear()
        register(0)
        with ThreadPoolExecutor(max_workers=8) as threads:
            first = threads.map(register, range(1, 6))
            statuses = [*threads.map(decide, ["approve", "reject"] * 3)]
            registered = dict(first)
        [review] = items(reviews, REVIEWS)
        assert sorted(statuses) == [200] * 3 + [409] * 3, attempt
        waiting = {each for each, status in registered.items() if status == "WAITING"}
        assert waiting | {"callback-0"} == woken == review["callbacks"]
        assert set(registered.values()) <= {"WAITING", review["status"]}


def test_a_start_that_is_no_review_is_an_error_of_ours(
    service: Service, monkeypatch: pytest.MonkeyPatch, workflow: Answers
) -> None:
    monkeypatch.setattr("tests.lambdas.review.conftest.asked", lambda token: {"token": token})
    result = service.start(waits=False)()
    assert result.status.value == "FAILED"
    assert result.error is not None
    assert asked()["token"] not in str(result.error)
