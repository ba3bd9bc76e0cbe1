"""Uploads become orders and a report."""

import io
import json
import sys
import tracemalloc
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client

from shared.jobs.checkpoint import Checkpoint
from shared.problems import BusyError
from tests.lambdas.builders import (
    CONTEXT,
    PAYMENT_TOKEN,
    UPLOADS,
    document,
    place_event,
    stored,
)
from tests.lambdas.conftest import Log
from tests.lambdas.uploads import csv, imported, report, row, uploaded

pytestmark = pytest.mark.usefixtures("jobs", "sqs")


def test_a_row_with_a_mistake_is_reported_and_the_others_become_orders(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient
) -> None:
    rows = [row(n, quantity="many" if n == 100 else 1) for n in range(1, 121)]
    found = imported(imports, s3, csv(*rows))
    [error] = found.pop("errors")
    assert error["row"] == 100
    assert error["reason"].startswith("quantity: ")
    assert found == {
        "file": "imports/batch.csv",
        "rows": 120,
        "placed": 119,
        "repeated": 0,
        "refused": 1,
    }
    assert stored(table) == 119


def test_a_row_and_a_request_with_the_same_key_are_one_order(
    imports: ModuleType, orders: ModuleType, s3: S3Client, table: DynamoDBClient
) -> None:
    line = {"sku": "tea-green", "quantity": 1, "unit_price": 450}
    body = {"currency": "EUR", "lines": [line], "payment_token": PAYMENT_TOKEN}
    document(orders.place(place_event(body, key="ref-1"), CONTEXT), 201)
    found = imported(imports, s3, csv(row(1)))
    assert (found["placed"], found["repeated"]) == (1, 1)
    assert stored(table) == 1


def test_a_file_that_is_uploaded_again_makes_the_same_orders_and_says_so(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient
) -> None:
    first = imported(imports, s3, csv(row(1), row(2), row(3, sku="?")))
    second = imported(imports, s3, csv(row(1), row(2), row(3, sku="?")))
    assert second == {**first, "repeated": 2}
    assert (first["placed"], stored(table)) == (2, 2)


def test_an_event_that_comes_twice_is_one_import(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient
) -> None:
    s3.put_object(Bucket=UPLOADS, Key="imports/batch.csv", Body=csv(row(1), row(2)))
    event = uploaded()
    answers = [imports.start(event, CONTEXT) for _ in range(2)]
    assert answers[0] == answers[1]
    assert (report(s3)["placed"], report(s3)["repeated"], stored(table)) == (2, 0, 2)


def test_two_rows_of_one_reference_are_one_order(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient
) -> None:
    found = imported(imports, s3, csv(row(1), row(2), row(1), row(1, quantity=9)))
    assert (found["placed"], found["refused"], stored(table)) == (3, 1, 2)
    assert [error["row"] for error in found["errors"]] == [4]


@pytest.mark.parametrize("other", [{"quantity": 2}, {"payment_token": "tok_other"}])
def test_a_reference_that_stands_for_another_order_is_refused(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient, other: dict[str, object]
) -> None:
    imported(imports, s3, csv(row(1)))
    found = imported(imports, s3, csv(row(1, **other), row(2)))
    assert (found["placed"], found["refused"]) == (1, 1)
    reason = "reference: it stands for another order already"
    assert found["errors"] == [{"row": 1, "reason": reason}]
    assert stored(table) == 2


def test_a_file_that_is_gone_is_reported(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient
) -> None:
    imports.start(uploaded("imports/gone.csv"), CONTEXT)
    assert report(s3, "reports/gone.json")["error"] == "the file is gone"


@pytest.mark.parametrize(
    "name", ["partner a/batch 1+2", "großhandel (1)", "a%20b", "imports/twice", "x.csv"]
)
def test_a_report_has_the_name_of_its_file(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient, name: str
) -> None:
    s3.put_object(Bucket=UPLOADS, Key=f"imports/{name}.csv", Body=csv(row(1)))
    imports.start(uploaded(f"imports/{name}.csv"), CONTEXT)
    assert report(s3, f"reports/{name}.json")["placed"] == 1


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "PutItem"),
        EndpointConnectionError(endpoint_url="https://dynamodb"),
    ],
)
def test_a_busy_table_fails_the_function_and_the_repeat_finishes_the_file(
    imports: ModuleType,
    orders: ModuleType,
    s3: S3Client,
    table: DynamoDBClient,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    client, calls = orders.store.dynamodb, iter(range(1_000))
    write = client.batch_execute_statement

    def busy_after_two(**settings: Any) -> Any:
        if next(calls) >= 2:
            raise error
        return write(**settings)

    s3.put_object(Bucket=UPLOADS, Key="imports/batch.csv", Body=csv(*map(row, range(100))))
    event = uploaded()
    with monkeypatch.context() as patch:
        patch.setattr(client, "batch_execute_statement", busy_after_two)
        with pytest.raises(BusyError):
            imports.start(event, CONTEXT)
    assert stored(table) == 50
    assert "Contents" not in s3.list_objects_v2(Bucket=UPLOADS, Prefix="reports/")
    imports.start(event, CONTEXT)
    found = report(s3)
    # What the same import wrote before is no repetition.
    assert (found["placed"], found["repeated"], stored(table)) == (100, 0, 100)


def test_what_one_call_cannot_write_is_written_by_itself(
    imports: ModuleType,
    orders: ModuleType,
    s3: S3Client,
    table: DynamoDBClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = orders.store.dynamodb
    write = client.batch_execute_statement

    def throttled(Statements: list[Any]) -> Any:  # noqa: N803
        """Write all but the second, as DynamoDB tells it of one statement."""
        answer = write(Statements=[*Statements[:1], *Statements[2:]])
        answer["Responses"].insert(1, {"Error": {"Code": "ThrottlingError", "Message": ""}})
        return answer

    monkeypatch.setattr(client, "batch_execute_statement", throttled)
    found = imported(imports, s3, csv(*map(row, range(20))))
    assert (found["placed"], found["repeated"], stored(table)) == (20, 0, 20)


def test_a_report_of_very_many_mistakes_stays_small(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient
) -> None:
    found = imported(imports, s3, csv(*(row(n, sku="?" * 5_000) for n in range(1_200))))
    assert found["refused"] == 1_200
    assert [error["row"] for error in found["errors"]] == [*range(1, 1_001)]
    assert all(len(error["reason"]) <= 500 for error in found["errors"])


def test_no_payment_token_is_told(
    imports: ModuleType,
    s3: S3Client,
    table: DynamoDBClient,
    log: Log,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = csv(row(1), row(2, sku="?"), row(3, payment_token="tok_secret-1"))
    told = json.dumps(imported(imports, s3, rows)) + log.getvalue() + capsys.readouterr().out
    assert PAYMENT_TOKEN not in told
    assert "tok_secret" not in told
    [line] = log.lines("imported")
    assert (line["report"]["placed"], line["report"]["refused"]) == (1, 2)


def test_the_memory_of_an_import_does_not_grow_with_its_file(imports: ModuleType) -> None:
    placing, logic = sys.modules["imports.placing"], sys.modules["imports.logic"]
    peaks = []
    for count in (1_000, 20_000):
        file = io.BytesIO(csv(*(row(n, sku="?") for n in range(count))))
        made = placing.Report(file="imports/batch.csv")
        progress = SimpleNamespace(
            checkpoint=Checkpoint(),
            started_at=datetime.now(UTC),
            stopping=False,
            save=lambda _: None,
        )
        tracemalloc.start()
        placing.place_all(made, logic.rows(file), progress, placing.Pace(1e9))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert made.refused == count
    assert peaks[1] < peaks[0] + 100_000


def test_an_import_is_no_faster_than_its_rate(
    imports: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    placing = sys.modules["imports.placing"]
    clock = SimpleNamespace(now=100.0, slept=[])

    def sleep(seconds: float) -> None:
        clock.slept.append(seconds)
        clock.now += seconds

    monkeypatch.setattr(placing.time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(placing.time, "sleep", sleep)
    pace = placing.Pace(200)
    for _ in range(3):
        pace.wait(25)
    assert clock.slept == pytest.approx([0.125, 0.125])
    # What it was late by is not made up for.
    clock.now += 60
    pace.wait(25)
    pace.wait(25)
    assert clock.slept == pytest.approx([0.125, 0.125, 0.125])
