"""What fails while order events are counted is tried again, and counts once."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from mypy_boto3_dynamodb import DynamoDBClient

from tests.lambdas.builders import CONTEXT, failures
from tests.lambdas.conftest import Letters
from tests.lambdas.streams import batch, counters, event, window


def cancelled(*codes: str) -> ClientError:
    response: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": ""},
        "CancellationReasons": [{"Code": code} for code in codes],
    }
    return ClientError(response, "TransactWriteItems")


def failing(
    analytics: ModuleType, monkeypatch: pytest.MonkeyPatch, *errors: Exception
) -> Callable[[], int]:
    """Make transactions fail so many times, and return how many were tried."""
    client = analytics.store.dynamodb
    write, left, tried = client.transact_write_items, list(errors), []

    def fails(**settings: Any) -> Any:
        tried.append(settings)
        if left:
            error = left.pop(0)
            if isinstance(error, ClientError):
                cancel = client.exceptions.TransactionCanceledException
                code = error.response["Error"]["Code"]
                kind = cancel if code == "TransactionCanceledException" else ClientError
                raise kind(error.response, error.operation_name)
            raise error
        return write(**settings)

    monkeypatch.setattr(client, "transact_write_items", fails)
    return lambda: len(tried)


def test_a_transaction_that_lost_to_another_is_tried_again(
    analytics: ModuleType, statistics: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = failing(analytics, monkeypatch, *[cancelled("None", "TransactionConflict")] * 4)
    assert failures(analytics.aggregate(batch(event()), CONTEXT)) == []
    assert tried() == 5
    assert counters(statistics)["2026-11-24T10:00Z"]["OrderConfirmed"] == 1


THROTTLED: Any = {"Error": {"Code": "ThrottlingException", "Message": ""}}


@pytest.mark.parametrize(
    "errors",
    [
        [cancelled("None", "TransactionConflict")] * 5,
        [ClientError(THROTTLED, "TransactWriteItems")],
        [ReadTimeoutError(endpoint_url="https://dynamodb")],
    ],
    ids=["conflicts", "throttles", "no answer"],
)
def test_a_batch_that_cannot_be_counted_comes_again_with_the_state_as_it_was(
    analytics: ModuleType,
    statistics: DynamoDBClient,
    letters: Letters,
    monkeypatch: pytest.MonkeyPatch,
    errors: list[Exception],
) -> None:
    state = analytics.aggregate(window(event(0)), CONTEXT)["state"]
    events = [*(event(n) for n in range(1, 45)), event(99, version=99)]
    failing(analytics, monkeypatch, *errors)
    answer = analytics.aggregate(window(*events, state=state), CONTEXT)
    assert answer == {"state": state, "batchItemFailures": [{"itemIdentifier": "1"}]}
    # What is put away is so when the batch is done, and not with each attempt.
    assert letters.put_away == []
    state = analytics.aggregate(window(*events, state=state), CONTEXT)["state"]
    analytics.aggregate(window(state=state, final=True), CONTEXT)
    assert counters(statistics)["2026-11-24T10:00Z"]["OrderConfirmed"] == 45
    assert len(letters.put_away) == 1


def test_the_last_call_of_a_window_fails_as_a_whole(
    analytics: ModuleType, statistics: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = analytics.aggregate(window(event(1)), CONTEXT)["state"]
    failing(analytics, monkeypatch, ClientError(THROTTLED, "TransactWriteItems"))
    with pytest.raises(ClientError):
        analytics.aggregate(window(state=state, final=True), CONTEXT)
    analytics.aggregate(window(state=state, final=True), CONTEXT)
    assert counters(statistics)["2026-11-24T10:00Z"]["OrderConfirmed"] == 1


def test_what_cannot_be_put_away_comes_again_and_nothing_counts_twice(
    analytics: ModuleType, statistics: DynamoDBClient, letters: Letters
) -> None:
    letters.down = True
    records = batch(event(1), event(2, version=99))
    assert failures(analytics.aggregate(records, CONTEXT)) == ["1"]
    letters.down = False
    assert failures(analytics.aggregate(records, CONTEXT)) == []
    assert len(letters.put_away) == 1
    assert counters(statistics)["2026-11-24T10:00Z"]["OrderConfirmed"] == 1
