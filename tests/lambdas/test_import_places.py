"""Where an upload is imported: by its size, or where its sender wants it."""

import importlib
from types import ModuleType
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client
from mypy_boto3_sqs import SQSClient

from tests.lambdas.builders import CONTEXT, UPLOADS, Context, stored
from tests.lambdas.jobs import modules, record, sent
from tests.lambdas.uploads import csv, report, row, uploaded

pytestmark = pytest.mark.usefixtures("jobs", "sqs")
KEY = "imports/batch.csv"


@pytest.fixture(autouse=True)
def fresh(environment: None) -> None:
    modules().start.sqs.cache_clear()


def start(imports: ModuleType, context: Context = CONTEXT) -> tuple[str, str]:
    """Tell of an upload, and return where it goes and the id of its job."""
    event = uploaded(KEY)
    (started,) = imports.start(event, context)["imports"]
    return started["where"], f"{KEY}@{event['Records'][0]['s3']['object']['sequencer']}"


def estimated(size: int, memory_mb: int = 1_024, rate: float = 200) -> Any:
    job = importlib.import_module("imports.job")
    models = importlib.import_module("imports.models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "rate", job.rate.model_copy(update={"rows_per_second": rate}))
        upload = models.Upload(key=KEY, etag="e", size=size)
        return job.ImportJob().estimate(upload, memory_mb)


def test_an_upload_of_200_000_rows_is_over_the_limits(environment: None) -> None:
    # The shortest rows that count as real: longer ones are more bytes.
    lib = modules()
    limits = lib.decision.Limits(seconds=900, memory_mb=1_024, disk_mb=512)
    for rows, place in ((144_000, "function"), (144_001, "service"), (200_000, "service")):
        decision = lib.decision.decide(estimated(rows * 40), limits)
        assert decision.where == place
        assert decision.limit == (None if place == "function" else "seconds")


def test_a_small_function_is_slower_than_the_rate(environment: None) -> None:
    whole, small = estimated(40_000, 1_769), estimated(40_000, 128)
    assert whole.seconds == 5
    assert small.seconds == pytest.approx(1_000 * 0.001 * 1_769 / 128)
    assert estimated(40_000, 10_240, rate=1e9).seconds == pytest.approx(1)


def test_an_import_fits_the_smallest_function(environment: None) -> None:
    lib = modules()
    limits = lib.decision.Limits(memory_mb=128, disk_mb=512)
    assert lib.decision.decide(estimated(40_000, 128), limits).where == "function"


def test_a_sender_may_want_the_service(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient, sqs: SQSClient
) -> None:
    metadata = {"run-on": "service"}
    answer = s3.put_object(Bucket=UPLOADS, Key=KEY, Body=csv(row(1)), Metadata=metadata)
    where, job_id = start(imports)
    assert where == "service"
    (message,) = sent(sqs)
    size = len(csv(row(1)))
    assert message["request"] == {"key": KEY, "etag": answer["ETag"], "size": size}
    assert (message["job_id"], message["decision"]["overridden"]) == (job_id, True)
    assert (record(job_id)["status"], stored(table)) == ("SUBMITTED", 0)


def test_a_sender_may_want_the_function(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, lib = importlib.import_module("imports.job"), modules()
    far_too_long = lib.decision.Estimate(seconds=100_000)
    monkeypatch.setattr(job.ImportJob, "estimate", lambda *_: far_too_long)
    s3.put_object(Bucket=UPLOADS, Key=KEY, Body=csv(row(1)), Metadata={"run-on": "function"})
    assert start(imports)[0] == "function"
    assert report(s3)["placed"] == 1


@pytest.mark.parametrize("place", ["moon", "durable-function", ""])
def test_a_place_that_there_is_none_of_is_reported(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient, sqs: SQSClient, place: str
) -> None:
    s3.put_object(Bucket=UPLOADS, Key=KEY, Body=csv(row(1)), Metadata={"run-on": place})
    assert start(imports)[0] == "nowhere"
    assert report(s3)["error"] == f"run-on is {place!r}: allowed is 'function', 'service'"
    assert (stored(table), sent(sqs)) == (0, [])


def test_an_import_that_takes_too_long_goes_on_at_the_service(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient, sqs: SQSClient
) -> None:
    class Short(Context):
        left = iter([60_000] * 3 + [24_999] * 1_000)

        def get_remaining_time_in_millis(self) -> int:
            return next(self.left)

    s3.put_object(Bucket=UPLOADS, Key=KEY, Body=csv(*map(row, range(1, 301))))
    where, job_id = start(imports, Short())
    assert where == "service"
    assert (record(job_id)["counts"]["rows"], stored(table)) == (100, 100)
    assert "Contents" not in s3.list_objects_v2(Bucket=UPLOADS, Prefix="reports/")
    lib = modules()
    (message,) = sent(sqs)
    assert (message["decision"]["where"], message["decision"]["limit"]) == ("service", "seconds")
    asked = lib.message.JobRequested.model_validate(message)
    importer = importlib.import_module("imports.job").ImportJob()
    lib.run.run(importer, asked, lib.job.Surroundings(lease_seconds=60), lambda _: None)
    found = report(s3)
    assert (found["rows"], found["placed"], found["repeated"]) == (300, 300, 0)
    assert stored(table) == 300
