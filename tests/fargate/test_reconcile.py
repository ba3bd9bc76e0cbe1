"""The nightly comparison of what imports reported with the orders that there are."""

import importlib
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client
from mypy_boto3_sqs import SQSClient

from shared.attributes import from_item
from tests.lambdas.builders import CONTEXT, TABLE, UPLOADS
from tests.lambdas.conftest import Log
from tests.lambdas.jobs import record
from tests.lambdas.uploads import csv, report, row, uploaded


@pytest.fixture
def code(jobs: DynamoDBClient, sqs: SQSClient) -> ModuleType:
    return importlib.import_module("reconcile.__main__")


def imported(s3: S3Client, content: bytes, name: str = "batch") -> str:
    """Import a file and return the id of its job."""
    handler = importlib.import_module("imports.handler")
    key = f"imports/{name}.csv"
    s3.put_object(Bucket=UPLOADS, Key=key, Body=content)
    event = uploaded(key)
    handler.start(event, CONTEXT)
    return f"{key}@{event['Records'][0]['s3']['object']['sequencer']}"


def reconciled(code: ModuleType, s3: S3Client, job_id: str) -> tuple[int, dict[str, Any]]:
    """Run the task for the day on which a job ended, and return its exit code and its report."""
    day = record(job_id)["ended_on"]
    status: int = code.main([day])
    found = report(s3, f"reports/reconciliation/{day}.json")
    assert found.pop("date") == day
    return status, found


def ids(table: DynamoDBClient) -> list[str]:
    items = table.scan(TableName=TABLE, ConsistentRead=True)["Items"]
    return sorted(from_item(item)["order_id"] for item in items)


def test_an_import_whose_orders_are_all_there_is_fine(
    code: ModuleType, s3: S3Client, table: DynamoDBClient
) -> None:
    job_id = imported(s3, csv(*map(row, range(250)), row(1, sku="?")))
    status, found = reconciled(code, s3, job_id)
    (compared,) = found.pop("imports")
    assert (status, found) == (0, {"differences": 0})
    assert (compared["file"], compared["job_id"]) == ("imports/batch.csv", job_id)
    assert (compared["rows"], compared["statuses"]) == (250, {"PLACED": 250})


def test_an_order_that_is_missing_is_named(
    code: ModuleType, s3: S3Client, table: DynamoDBClient, log: Log
) -> None:
    job_id = imported(s3, csv(*map(row, range(3))))
    lost = ids(table)[0]
    table.delete_item(TableName=TABLE, Key={"order_id": {"S": lost}})
    status, found = reconciled(code, s3, job_id)
    (compared,) = found["imports"]
    missing, counted = compared["differences"]
    assert (status, found["differences"]) == (3, 2)
    assert (missing["order_id"], missing["difference"]) == (lost, "the order is missing")
    assert counted == {"difference": "3 were reported as placed, 2 are there"}
    assert log.lines("reconciled")[0]["differences"] == 2


def test_an_order_is_open_or_it_has_ended(
    code: ModuleType, s3: S3Client, table: DynamoDBClient
) -> None:
    job_id = imported(s3, csv(row(1), row(2)))
    good, bad = ids(table)
    for order_id, change in ((good, " REMOVE open_since, open_shard"), (bad, "")):
        table.update_item(
            TableName=TABLE,
            Key={"order_id": {"S": order_id}},
            UpdateExpression=f"SET #s = :s{change}",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":s": {"S": "CONFIRMED"}},
        )
    status, found = reconciled(code, s3, job_id)
    (compared,) = found["imports"]
    assert (status, compared["statuses"]) == (3, {"CONFIRMED": 2})
    (difference,) = compared["differences"]
    assert (difference["order_id"], difference["difference"]) == (
        bad,
        "the order is open and ended",
    )


def test_a_reference_that_stands_for_another_order_was_not_reported_as_placed(
    code: ModuleType, s3: S3Client, table: DynamoDBClient
) -> None:
    imported(s3, csv(row(1)), "first")
    job_id = imported(s3, csv(row(1, quantity=9), row(2)), "second")
    assert reconciled(code, s3, job_id)[0] == 0


def test_a_file_that_was_none_or_is_gone_is_no_difference(
    code: ModuleType, s3: S3Client, table: DynamoDBClient, log: Log
) -> None:
    imported(s3, b"no rows", "none")
    job_id = imported(s3, csv(row(1)), "gone")
    s3.delete_object(Bucket=UPLOADS, Key="imports/gone.csv")
    status, found = reconciled(code, s3, job_id)
    assert (status, len(found["imports"])) == (0, 2)
    assert log.lines("not compared")[0]["job_id"] == job_id


def test_other_days_and_other_jobs_are_not_looked_at(
    code: ModuleType, s3: S3Client, table: DynamoDBClient
) -> None:
    imported(s3, csv(row(1)))
    assert code.main(["2020-02-29"]) == 0
    assert report(s3, "reports/reconciliation/2020-02-29.json")["imports"] == []


def test_the_day_is_yesterday_unless_one_is_named(
    code: ModuleType, s3: S3Client, table: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = code.datetime
    night = whole(2026, 11, 27, 0, 5, tzinfo=code.UTC)
    monkeypatch.setattr(code, "datetime", SimpleNamespace(now=lambda _: night))
    assert code.main([]) == 0
    assert report(s3, "reports/reconciliation/2026-11-26.json")["imports"] == []


def test_a_report_of_very_many_differences_stays_small(
    code: ModuleType, s3: S3Client, table: DynamoDBClient
) -> None:
    job_id = imported(s3, csv(*map(row, range(150))))
    for order_id in ids(table):
        table.delete_item(TableName=TABLE, Key={"order_id": {"S": order_id}})
    _, found = reconciled(code, s3, job_id)
    (compared,) = found["imports"]
    assert (len(compared["differences"]), compared["difference_count"]) == (100, 151)


def test_keys_that_were_not_looked_at_are_asked_for_again(
    code: ModuleType, s3: S3Client, table: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = code.store.dynamodb
    look_up, asked = client.batch_get_item, []

    def half(RequestItems: Any) -> Any:  # noqa: N803
        """Leave half of the keys, as DynamoDB does when a table is busy."""
        wanted = RequestItems[TABLE]
        keys = wanted["Keys"]
        asked.append(len(keys))
        some, rest = keys[: len(keys) // 2 + 1], keys[len(keys) // 2 + 1 :]
        answer = look_up(RequestItems={TABLE: {**wanted, "Keys": some}})
        left = {TABLE: {**wanted, "Keys": rest}} if rest else {}
        return {**answer, "UnprocessedKeys": left}

    job_id = imported(s3, csv(*map(row, range(10))))
    monkeypatch.setattr(client, "batch_get_item", half)
    assert reconciled(code, s3, job_id)[0] == 0
    assert asked == [10, 4, 1]
