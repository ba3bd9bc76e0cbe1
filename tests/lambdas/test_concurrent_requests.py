"""Many requests in one environment at the same time, as on Managed Instances: nothing is shared.

Lambda gives each request in Python a process of its own; threads are the stricter case.
"""

import json
import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from tests.lambdas.builders import CONTEXT, REGION, failures
from tests.lambdas.conftest import Letters
from tests.lambdas.one_environment import requests, services
from tests.lambdas.streams import batch, counters, event

EVENTS = 60
ONCE = {"2026-11-24T10:00Z": {"OrderConfirmed": EVENTS, "Confirmed_EUR": EVENTS * 2_747}}


def unreadable(number: int) -> dict[str, Any]:
    return event(number, version=99)


def batches(number: int) -> list[dict[str, Any]]:
    """Return batches that overlap, so that requests meet at the same events and the same minute.

    Each holds one event that cannot be read, and together they hold all that can.
    """
    made = [
        batch(*(event(n * k % EVENTS) for k in range(20)), unreadable(n)) for n in range(1, number)
    ]
    return [*made, batch(*(event(n) for n in range(EVENTS)), unreadable(0))]


def test_processes_that_share_tmp_count_each_event_once(
    statistics: DynamoDBClient, tmp_path: Path
) -> None:
    sqs = boto3.client("sqs", region_name=REGION)
    url = sqs.create_queue(QueueName="analytics-dead-letters")["QueueUrl"]
    with services() as endpoint:
        answers = requests(
            batches(16),
            concurrency=4,
            variables={
                "AWS_ENDPOINT_URL": endpoint,
                "ANALYTICS_DEAD_LETTERS_QUEUE_URL": url,
                "TMPDIR": str(tmp_path),
                "NO_PROXY": "127.0.0.1",
            },
        )
    assert [failures(answer) for answer in answers] == [[]] * 16
    assert len({answer["process"] for answer in answers}) > 1
    assert counters(statistics) == ONCE
    asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    assert asked["Attributes"]["ApproximateNumberOfMessages"] == "16"
    assert [*tmp_path.iterdir()] == []


def test_threads_count_each_event_once_and_mix_no_answers_or_metrics(
    analytics: ModuleType,
    statistics: DynamoDBClient,
    letters: Letters,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = batches(24)
    barrier = threading.Barrier(8)

    def handle(number: int) -> dict[str, Any]:
        if number < barrier.parties:
            # The first of all threads begin together.
            barrier.wait()
        answer: dict[str, Any] = analytics.aggregate(given[number], CONTEXT)
        return answer

    with ThreadPoolExecutor(barrier.parties) as threads:
        answers = [*threads.map(handle, range(len(given)))]
    assert answers == [{"state": {}, "batchItemFailures": []}] * 24
    assert counters(statistics) == ONCE
    put_away = Counter(json.loads(body)["detail"]["order_id"] for body, _ in letters.put_away)
    assert put_away == Counter({f"order-{n}": 1 for n in range(24)})
    counted = re.findall(r'"EventsCounted": ?\[(\d+)', capsys.readouterr().out)
    assert sum(map(int, counted)) == EVENTS


def test_windows_at_the_same_time_keep_their_own_state(
    analytics: ModuleType, statistics: DynamoDBClient
) -> None:
    """Each shard has its window: what one invocation keeps is in its answer, and nowhere else."""

    def window_of(shard: int) -> dict[str, Any]:
        state: Any = {}
        for step in range(3):
            numbers = range(shard * 9 + step * 3, shard * 9 + step * 3 + 3)
            records = batch(*(event(n) for n in numbers), window={}, state=state)
            state = analytics.aggregate(records, CONTEXT)["state"]
        final = batch(window={}, state=state, isFinalInvokeForWindow=True)
        answer: dict[str, Any] = analytics.aggregate(final, CONTEXT)
        return answer

    with ThreadPoolExecutor(6) as threads:
        answers = [*threads.map(window_of, range(6))]
    assert answers == [{"state": {}, "batchItemFailures": []}] * 6
    assert counters(statistics) == {
        "2026-11-24T10:00Z": {"OrderConfirmed": 54, "Confirmed_EUR": 54 * 2_747}
    }
