"""Each order event counts once, in the minute of its own time."""

import json
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mypy_boto3_dynamodb import DynamoDBClient

from shared.attributes import from_item
from tests.lambdas.builders import CONTEXT, bus_event, failures
from tests.lambdas.conftest import Letters
from tests.lambdas.streams import TABLE, batch, counters, event, items, window
from tests.lambdas.test_properties import examples

AT = {"OrderPlaced": "placed_at", "OrderConfirmed": "confirmed_at"}


def test_events_are_counted_by_the_minute_and_their_amounts_by_currency(
    analytics: ModuleType, statistics: DynamoDBClient
) -> None:
    events = [
        event(1, "OrderPlaced"),
        event(1),
        event(2, total=1_000),
        event(3, currency="JPY", total=500),
        event(4, confirmed_at="2026-11-24T12:05:59.999+01:00"),
        event(5, "OrderRejected"),
        event(6, "OrderCancelled"),
    ]
    answer = analytics.aggregate(batch(*events), CONTEXT)
    assert answer == {"state": {}, "batchItemFailures": []}
    assert counters(statistics) == {
        "2026-11-24T10:00Z": {
            "OrderPlaced": 1,
            "Placed_EUR": 2_747,
            "OrderConfirmed": 3,
            "Confirmed_EUR": 3_747,
            "Confirmed_JPY": 500,
            "OrderRejected": 1,
            "Rejected_EUR": 2_747,
            "OrderCancelled": 1,
            "Cancelled_EUR": 2_747,
        },
        "2026-11-24T11:05Z": {"OrderConfirmed": 1, "Confirmed_EUR": 2_747},
    }


def test_an_event_leaves_a_marker_that_ends_one_day(
    analytics: ModuleType, statistics: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analytics.store.time, "time", lambda: 1_795_514_410.5)
    analytics.aggregate(batch(event()), CONTEXT)
    marker = items(statistics)["event#order-1#OrderConfirmed"]
    assert marker == {"expires_at": 1_795_514_410 + 400 * 86_400}


@pytest.mark.parametrize("together", [True, False])
def test_an_event_that_comes_twice_counts_once(
    analytics: ModuleType, statistics: DynamoDBClient, together: bool
) -> None:
    again = event(1, confirmed_at="2026-11-24T11:00:00Z")
    for events in [[event(1), again]] if together else [[event(1)], [again, event(2)]]:
        assert failures(analytics.aggregate(batch(*events), CONTEXT)) == []
    count = 1 if together else 2
    assert counters(statistics) == {
        "2026-11-24T10:00Z": {"OrderConfirmed": count, "Confirmed_EUR": 2_747 * count}
    }


def test_a_batch_of_more_than_a_transaction_takes_is_counted(
    analytics: ModuleType, statistics: DynamoDBClient
) -> None:
    # Each in a minute of its own: as many counters as markers.
    events = [
        event(n, confirmed_at=f"2026-11-24T{n // 60:02}:{n % 60:02}:00Z") for n in range(100)
    ]
    assert failures(analytics.aggregate(batch(*events), CONTEXT)) == []
    assert len(counters(statistics)) == 100


def test_a_window_writes_at_its_end_what_it_gathered(
    analytics: ModuleType, statistics: DynamoDBClient
) -> None:
    first = analytics.aggregate(window(event(1), event(2)), CONTEXT)
    # Lambda keeps the state as JSON.
    state = json.loads(json.dumps(first["state"]))
    second = analytics.aggregate(window(event(2), event(3), state=state), CONTEXT)
    assert items(statistics) == {}
    assert len(second["state"]) == 3
    last = analytics.aggregate(window(state=second["state"], final=True), CONTEXT)
    assert last == {"state": {}, "batchItemFailures": []}
    assert counters(statistics)["2026-11-24T10:00Z"]["OrderConfirmed"] == 3


def test_a_window_writes_when_it_is_full_so_that_its_state_stays_small(
    analytics: ModuleType, statistics: DynamoDBClient
) -> None:
    state: object = {}
    for first in range(0, 500, 100):
        events = [bus_event(order_id=f"{n:064}") for n in range(first, first + 95)]
        answer = analytics.aggregate(window(*events, state=state), CONTEXT)
        state = answer["state"]
        assert len(answer["state"]) < 40
        assert len(json.dumps(state)) < 20_000
    analytics.aggregate(window(state=state, final=True), CONTEXT)
    assert counters(statistics)["2026-11-24T10:00Z"]["OrderConfirmed"] == 475


@pytest.mark.parametrize(
    ("data", "body", "reason"),
    [
        (event(version=99), None, "OrderConfirmed of orders, version 99 is unknown"),
        (b"not JSON", "not JSON", "JSONDecodeError"),
        (b"", "", "JSONDecodeError"),
        (b"\xff\xfe", "//4=", "JSONDecodeError"),
        (event(confirmed_at="yesterday"), None, "confirmed_at"),
    ],
)
def test_what_can_never_be_read_is_put_away_and_the_rest_counted(
    analytics: ModuleType,
    statistics: DynamoDBClient,
    letters: Letters,
    data: Any,
    body: str | None,
    reason: str,
) -> None:
    assert failures(analytics.aggregate(batch(data, event(2)), CONTEXT)) == []
    [(put_away, why)] = letters.put_away
    assert put_away == (json.dumps(data) if body is None else body)
    assert reason in why
    assert counters(statistics)["2026-11-24T10:00Z"]["OrderConfirmed"] == 1


def test_batches_at_the_same_time_count_each_event_once(
    analytics: ModuleType, statistics: DynamoDBClient
) -> None:
    batches = [batch(*(event(n * k % 60) for k in range(20))) for n in range(1, 31)]
    everything = batch(*(event(n) for n in range(60)))
    with ThreadPoolExecutor(8) as threads:
        answers = [
            *threads.map(lambda each: analytics.aggregate(each, CONTEXT), [*batches, everything])
        ]
    assert [failures(answer) for answer in answers] == [[]] * 31
    assert counters(statistics) == {
        "2026-11-24T10:00Z": {"OrderConfirmed": 60, "Confirmed_EUR": 60 * 2_747}
    }


def total(statistics: DynamoDBClient) -> Counter[str]:
    """Return how many events of each kind are counted in the first minutes."""
    found: Counter[str] = Counter()
    for minute in range(3):
        key = {"id": {"S": f"2026-11-24T10:0{minute}Z"}}
        item = statistics.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item", {})
        found.update({kind: n for kind, n in from_item(item).items() if kind.startswith("Order")})
    return found


seen = st.tuples(st.integers(0, 12), st.sampled_from(sorted(AT)), st.integers(0, 2))


@settings(examples, max_examples=25)
@given(st.lists(st.tuples(st.lists(seen, max_size=12), st.booleans()), max_size=6))
def test_however_events_come_each_counts_once(
    analytics: ModuleType,
    statistics: DynamoDBClient,
    batches: list[tuple[list[tuple[int, str, int]], bool]],
) -> None:
    before = total(statistics)
    example = uuid.uuid4()
    state: object = {}
    for batch_, fails in batches:
        events = [
            bus_event(kind, order_id=f"{example}-{n}", **{AT[kind]: f"2026-11-24T10:0{minute}Z"})
            for n, kind, minute in batch_
        ]
        answer = analytics.aggregate(window(*events, state=state), CONTEXT)
        # An answer that is lost makes Lambda deliver the batch again, with the state before.
        if fails:
            answer = analytics.aggregate(window(*events, state=state), CONTEXT)
        state = answer["state"]
    analytics.aggregate(window(state=state, final=True), CONTEXT)
    known = {(n, kind) for batch_, _ in batches for n, kind, _ in batch_}
    after = total(statistics)
    after.subtract(before)
    assert +after == Counter(kind for _, kind in known)
