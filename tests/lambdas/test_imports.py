"""Uploads become orders and a report."""

import io
import json
import tracemalloc
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client

from shared.problems import BusyError
from tests.lambdas.builders import (
    CONTEXT,
    PAYMENT_TOKEN,
    UPLOADS,
    Context,
    document,
    place_event,
    stored,
)
from tests.lambdas.conftest import Log
from tests.lambdas.uploads import csv, imported, report, row, uploaded


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


def test_an_event_that_comes_twice_makes_the_same_orders_and_says_so(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient
) -> None:
    first = imported(imports, s3, csv(row(1), row(2), row(3, sku="?")))
    imports.start(uploaded(), CONTEXT)
    assert report(s3) == {**first, "repeated": 2}
    assert (first["placed"], stored(table)) == (2, 2)


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


def test_a_file_that_is_too_large_is_reported_and_not_read(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = csv(row(1))
    monkeypatch.setattr(imports.store, "MOST_BYTES", len(content))
    assert "error" not in imported(imports, s3, content)
    found = imported(imports, s3, content + b"\n")
    assert found["error"] == f"the file has more than {len(content)} bytes"


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
    put_item = client.put_item

    def busy_after_ten(**settings: Any) -> Any:
        if next(calls) >= 10:
            raise error
        return put_item(**settings)

    s3.put_object(Bucket=UPLOADS, Key="imports/batch.csv", Body=csv(*map(row, range(100))))
    with monkeypatch.context() as patch:
        patch.setattr(client, "put_item", busy_after_ten)
        with pytest.raises(BusyError):
            imports.start(uploaded(), CONTEXT)
    assert stored(table) == 10
    assert "Contents" not in s3.list_objects_v2(Bucket=UPLOADS, Prefix="reports/")
    imports.start(uploaded(), CONTEXT)
    found = report(s3)
    assert (found["placed"], found["repeated"], stored(table)) == (100, 10, 100)


def test_what_the_time_does_not_suffice_for_is_said(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Short(Context):
        left = iter([60_000] * 30 + [24_999] * 100)

        def get_remaining_time_in_millis(self) -> int:
            return next(self.left)

    found = imported(imports, s3, csv(*map(row, range(1, 51))), Short())
    assert found["unfinished_from_row"] == 31
    assert (found["rows"], found["placed"], stored(table)) == (30, 30, 30)


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
    peaks = []
    for count in (1_000, 20_000):
        file = io.BytesIO(csv(*(row(n, sku="?") for n in range(count))))
        made = imports.Report(file="imports/batch.csv")
        tracemalloc.start()
        imports.placing.place_all(made, imports.logic.rows(file), lambda: 900_000)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert made.refused == count
    assert peaks[1] < peaks[0] + 100_000
