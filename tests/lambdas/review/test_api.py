from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from tests.lambdas.builders import CONTEXT, CUSTOMER, document, problem
from tests.lambdas.conftest import Log
from tests.lambdas.review.requests import (
    ORDER,
    REVIEWER,
    REVIEWS,
    decision_event,
    reviewer_event,
)
from tests.lambdas.tables import items

OTHER_ORDER = "0a4b6c5e-7f1c-5d1e-9d6c-000000000002"
Register = Callable[..., None]


@pytest.fixture
def woken(api: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the callbacks that are sent."""
    sent: list[str] = []
    client = api.callbacks.durable()

    def send(*, CallbackId: str, Result: bytes) -> None:  # noqa: N803
        sent.append(CallbackId)

    monkeypatch.setattr(client, "send_durable_execution_callback_success", send)
    return sent


def failing(api: ModuleType, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    client = api.callbacks.durable()

    def send(**_: object) -> None:
        error = getattr(client.exceptions, code)
        raise error({"Error": {"Code": code, "Message": ""}}, "Send")

    monkeypatch.setattr(client, "send_durable_execution_callback_success", send)


def test_reviews_that_wait_are_listed_oldest_first(
    api: ModuleType, register: Register, woken: list[str]
) -> None:
    register(OTHER_ORDER, at="2026-11-24T10:00:01.000000Z")
    register(ORDER, at="2026-11-24T10:00:00.000000Z")
    answer = document(api.list_reviews(reviewer_event(), CONTEXT), 200)
    assert answer["next_cursor"] is None
    assert [review["order_id"] for review in answer["reviews"]] == [ORDER, OTHER_ORDER]
    assert answer["reviews"][0] == {
        "order_id": ORDER,
        "customer_id": CUSTOMER,
        "total": 178_000,
        "currency": "EUR",
        "status": "WAITING",
        "requested_at": "2026-11-24T10:00:00.000000Z",
    }
    document(api.approve(decision_event("approve"), CONTEXT), 200)
    rest = document(api.list_reviews(reviewer_event(), CONTEXT), 200)
    assert [review["order_id"] for review in rest["reviews"]] == [OTHER_ORDER]


def test_pages_hold_each_review_once_even_when_their_last_was_decided_meanwhile(
    api: ModuleType, register: Register, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.store, "PAGE", 2)
    orders = [f"{ORDER[:-1]}{number}" for number in range(5)]
    for number, order_id in enumerate(orders):
        register(order_id, at=f"2026-11-24T10:00:00.00000{number}Z")
    seen: list[str] = []
    query: dict[str, str] = {}
    while True:
        event = reviewer_event(queryStringParameters=query)
        page = document(api.list_reviews(event, CONTEXT), 200)
        seen += [review["order_id"] for review in page["reviews"]]
        if page["next_cursor"] is None:
            break
        query = {"cursor": page["next_cursor"]}
        document(api.approve(decision_event("approve", seen[-1]), CONTEXT), 200)
    assert seen == orders


@pytest.mark.parametrize("cursor", ["", "x", OTHER_ORDER, "x" * 3_000])
def test_a_broken_cursor_is_refused(api: ModuleType, register: Register, cursor: str) -> None:
    register()
    event = reviewer_event(queryStringParameters={"cursor": cursor})
    problem(api.list_reviews(event, CONTEXT), 400, "bad-request")


@pytest.mark.parametrize(
    "groups",
    [
        "[reviewers]",
        "[admins reviewers]",
        "reviewers",
        '["admins", "reviewers"]',
        ["admins", "reviewers"],
    ],
)
def test_a_reviewer_is_known_by_the_group_in_every_form_of_the_claim(
    api: ModuleType, register: Register, woken: list[str], groups: object
) -> None:
    register()
    document(api.list_reviews(reviewer_event(groups=groups), CONTEXT), 200)
    document(api.approve(decision_event("approve", groups=groups), CONTEXT), 200)
    assert woken == ["callback"]


@pytest.mark.parametrize(
    "groups", [None, "", "[]", "[admins]", "[reviewers2 not-reviewers]", [], {}, "{}", "3", "null"]
)
def test_nobody_else_reviews_or_learns_of_reviews(
    api: ModuleType, register: Register, woken: list[str], reviews: DynamoDBClient, groups: object
) -> None:
    register()
    [before] = items(reviews, REVIEWS)
    problem(api.list_reviews(reviewer_event(groups=groups), CONTEXT), 403, "forbidden")
    for verb in ("approve", "reject"):
        for order_id in (ORDER, OTHER_ORDER):
            event = decision_event(verb, order_id, groups=groups)
            problem(getattr(api, verb)(event, CONTEXT), 403, "forbidden")
    assert items(reviews, REVIEWS) == [before]
    assert woken == []


def test_nobody_reviews_without_signing_in(api: ModuleType, register: Register) -> None:
    register()
    problem(api.list_reviews(reviewer_event(customer=None), CONTEXT), 401, "not-signed-in")
    problem(api.approve(decision_event("approve", customer=None), CONTEXT), 401, "not-signed-in")


def test_a_decision_is_kept_with_its_reviewer_and_its_time(
    api: ModuleType, register: Register, woken: list[str], reviews: DynamoDBClient
) -> None:
    register()
    register(callback_id="another", at="2026-11-25")
    answer = document(api.reject(decision_event("reject"), CONTEXT), 200)
    assert (answer["status"], answer["reviewer"]) == ("REJECTED", REVIEWER)
    assert woken == ["another", "callback"]
    [review] = items(reviews, REVIEWS)
    assert review["decided_at"] == answer["decided_at"]
    assert review["requested_at"] == "2026-11-24"
    assert "waiting_since" not in review


def test_the_first_decision_stands(
    api: ModuleType, register: Register, woken: list[str], reviews: DynamoDBClient
) -> None:
    register()
    first = document(api.approve(decision_event("approve"), CONTEXT), 200)
    event = decision_event("approve", customer="somebody-else")
    assert document(api.approve(event, CONTEXT), 200) == first
    refusal = problem(api.reject(decision_event("reject"), CONTEXT), 409, "already-decided")
    assert "APPROVED" in refusal["detail"]
    [review] = items(reviews, REVIEWS)
    assert (review["status"], review["reviewer"]) == ("APPROVED", REVIEWER)


@pytest.mark.parametrize("order_id", [OTHER_ORDER, "", "x", "x" * 3_000, "ö"])
def test_an_order_that_nobody_asked_to_review_is_not_found(
    api: ModuleType, register: Register, reviews: DynamoDBClient, order_id: str
) -> None:
    register()
    for verb in ("approve", "reject"):
        answer = getattr(api, verb)(decision_event(verb, order_id), CONTEXT)
        problem(answer, 404, "review-not-found")
    assert len(items(reviews, REVIEWS)) == 1


@pytest.mark.parametrize("code", ["CallbackTimeoutException", "ResourceNotFoundException"])
def test_a_callback_that_nobody_waits_for_is_no_error(
    api: ModuleType,
    register: Register,
    monkeypatch: pytest.MonkeyPatch,
    log: Log,
    code: str,
) -> None:
    register()
    register(callback_id="another")
    failing(api, monkeypatch, code)
    document(api.approve(decision_event("approve"), CONTEXT), 200)
    assert [line["reason"] for line in log.lines("nobody waits for this callback")] == [code] * 2


@pytest.mark.parametrize("code", ["TooManyRequestsException", "ServiceException"])
def test_a_repeated_decision_wakes_what_could_not_be_woken_before(
    api: ModuleType,
    register: Register,
    monkeypatch: pytest.MonkeyPatch,
    reviews: DynamoDBClient,
    code: str,
) -> None:
    register()
    with pytest.MonkeyPatch.context() as patch:
        failing(api, patch, code)
        problem(api.approve(decision_event("approve"), CONTEXT), 503, "busy")
    [review] = items(reviews, REVIEWS)
    assert review["status"] == "APPROVED"
    sent: list[Any] = []
    client = api.callbacks.durable()
    monkeypatch.setattr(
        client, "send_durable_execution_callback_success", lambda **call: sent.append(call)
    )
    document(api.approve(decision_event("approve"), CONTEXT), 200)
    assert [call["CallbackId"] for call in sent] == ["callback"]
