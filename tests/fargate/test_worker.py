"""What a worker does with each message: done, given back, or put away with its reason."""

import importlib
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client
from mypy_boto3_sqs import SQSClient

from tests.lambdas.builders import QUEUE_URL, UPLOADS, stored
from tests.lambdas.conftest import Log
from tests.lambdas.jobs import asked, modules, reasons, record
from tests.lambdas.toy_job import CountJob
from tests.lambdas.uploads import csv, report, row


@pytest.fixture
def code(jobs: DynamoDBClient, sqs: SQSClient, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.delenv("ECS_AGENT_URI", raising=False)
    return importlib.import_module("importer.worker")


@pytest.fixture
def job(environment: None) -> CountJob:
    return CountJob()


@pytest.fixture
def worker(code: ModuleType, job: CountJob) -> Any:
    imports = importlib.import_module("imports.job")
    made: Any = code.Worker.of([job, imports.ImportJob()])
    return made


def put(sqs: SQSClient, body: Any) -> None:
    text = body if isinstance(body, str) else body.model_dump_json()
    sqs.send_message(QueueUrl=f"{QUEUE_URL}/jobs", MessageBody=text)


def counted(sqs: SQSClient) -> tuple[int, int]:
    """Return how many messages are in the queue: visible, and hidden."""
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=f"{QUEUE_URL}/jobs", AttributeNames=names)
    visible, hidden = (int(found["Attributes"][name]) for name in names)
    return visible, hidden


def test_a_job_is_done_and_its_message_deleted(worker: Any, job: CountJob, sqs: SQSClient) -> None:
    put(sqs, asked())
    worker.take_one()
    assert (job.said, counted(sqs), record()["status"]) == ([1, 2, 3], (0, 0), "DONE")


def test_one_message_is_taken_at_a_time(worker: Any, sqs: SQSClient) -> None:
    for name in ("job-1", "job-2"):
        put(sqs, asked(job_id=name))
    worker.take_one()
    assert counted(sqs) == (1, 0)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("no JSON", "the message is no JSON object"),
        ('{"version": 2}', "version 2 of a job is unknown: known is 1"),
    ],
)
def test_what_can_never_be_read_is_put_away_with_its_reason(
    worker: Any, sqs: SQSClient, body: str, reason: str
) -> None:
    put(sqs, body)
    worker.take_one()
    assert (reasons(sqs), counted(sqs)) == ([reason], (0, 0))


def test_an_unknown_kind_is_put_away(worker: Any, sqs: SQSClient) -> None:
    put(sqs, asked("bake"))
    worker.take_one()
    assert reasons(sqs) == ["kind 'bake' is unknown: known is count, import"]


def test_a_job_that_can_never_be_done_is_put_away(worker: Any, sqs: SQSClient) -> None:
    put(sqs, asked(to=-1))
    worker.take_one()
    assert (reasons(sqs), counted(sqs)) == (["nobody counts down"], (0, 0))
    assert record()["reason"] == "nobody counts down"


def test_a_file_that_is_gone_is_put_away_and_reported(
    worker: Any, sqs: SQSClient, s3: S3Client, table: DynamoDBClient
) -> None:
    put(sqs, asked("import", key="imports/gone.csv", etag='"0f"', size=10))
    worker.take_one()
    assert reasons(sqs) == ["the file is gone"]
    assert report(s3, "reports/gone.json")["error"] == "the file is gone"


def test_a_failure_that_may_pass_leaves_the_message(
    worker: Any, job: CountJob, sqs: SQSClient, log: Log
) -> None:
    job.fails_at[2] = ConnectionError("no way")
    put(sqs, asked())
    worker.take_one()
    assert (counted(sqs), reasons(sqs)) == ((0, 1), [])
    assert log.lines("job failed")


def test_a_worker_that_is_told_to_end_gives_its_job_back_at_once(
    worker: Any, job: CountJob, sqs: SQSClient
) -> None:
    put(sqs, asked())
    worker.stop()
    worker.take_one()
    assert (job.said, counted(sqs), record()["position"]) == ([1], (1, 0), 1)
    worker.work()
    assert job.said == [1]


def test_a_job_that_another_worker_has_comes_back_when_its_lease_is_over(
    worker: Any, job: CountJob, sqs: SQSClient
) -> None:
    modules().records.claim(asked(), 500)
    put(sqs, asked())
    hidden: list[int] = []
    worker._hide = lambda _receipt, seconds: hidden.append(seconds)
    worker.take_one()
    assert (job.said, counted(sqs)) == ([], (0, 1))
    assert 490 < hidden[0] <= 500


def test_a_job_that_was_done_before_is_deleted(worker: Any, job: CountJob, sqs: SQSClient) -> None:
    for _ in range(2):
        put(sqs, asked())
        worker.take_one()
    assert (job.said, counted(sqs)) == ([1, 2, 3], (0, 0))


def test_a_worker_that_was_overtaken_leaves_the_message_to_the_other(
    worker: Any, job: CountJob, sqs: SQSClient, code: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = modules().errors.LeaseLostError("somebody else works on job-1")
    job.fails_at[2] = lost
    put(sqs, asked())
    worker.take_one()
    assert counted(sqs) == (0, 1)


def test_dead_letters_that_cannot_be_put_away_leave_the_message(
    worker: Any, sqs: SQSClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://sqs")

    put(sqs, asked(to=-1))
    monkeypatch.setattr(worker.sqs, "send_message", down)
    worker.take_one()
    assert counted(sqs) == (0, 1)


def test_a_queue_that_does_not_answer_is_asked_again(
    worker: Any, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    def down() -> None:
        raise EndpointConnectionError(endpoint_url="https://sqs")

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            worker.stop()

    monkeypatch.setattr(worker, "take_one", down)
    monkeypatch.setattr(worker._stopping, "wait", wait)
    worker.work()
    assert (waited, len(log.lines("the queue does not answer"))) == ([5, 5], 2)


def test_while_it_works_the_message_stays_hidden_and_the_task_protected(
    worker: Any, job: CountJob, sqs: SQSClient, code: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []

    class Beating:
        """A heartbeat that beats once, when the work begins."""

        def __init__(self, beat: Any, seconds: float) -> None:
            self.beat = beat
            told.append(seconds)

        def __enter__(self) -> Any:
            self.beat()
            return SimpleNamespace(alive=lambda: told.append("alive"))

        def __exit__(self, *_: object) -> None:
            told.append("ended")

    monkeypatch.setattr(code, "Heartbeat", Beating)
    monkeypatch.setattr(worker.protection, "renew", lambda: told.append("renewed"))
    worker._hide = lambda _receipt, seconds: told.append(seconds)
    put(sqs, asked(to=1))
    worker.take_one()
    assert told == [10, 60, "renewed", "alive", "ended"]


@pytest.mark.parametrize("rows", [1, 600])
def test_an_import_is_the_same_in_the_container(
    worker: Any, sqs: SQSClient, s3: S3Client, table: DynamoDBClient, rows: int
) -> None:
    content = csv(*(row(n, quantity="many" if n % 100 == 0 else 1) for n in range(1, rows + 1)))
    etag = s3.put_object(Bucket=UPLOADS, Key="imports/batch.csv", Body=content)["ETag"]
    put(sqs, asked("import", key="imports/batch.csv", etag=etag, size=len(content)))
    worker.take_one()
    found = report(s3)
    bad = rows // 100
    assert (found["rows"], found["placed"], found["refused"]) == (rows, rows - bad, bad)
    assert (found["repeated"], stored(table)) == (0, rows - bad)
    assert record()["counts"]["placed"] == rows - bad


def test_an_import_that_is_stopped_goes_on_and_counts_each_row_once(
    worker: Any, sqs: SQSClient, s3: S3Client, table: DynamoDBClient, code: ModuleType
) -> None:
    content = csv(*(row(n, sku="?" if n % 50 == 0 else "tea") for n in range(1, 1_001)))
    etag = s3.put_object(Bucket=UPLOADS, Key="imports/batch.csv", Body=content)["ETag"]
    put(sqs, asked("import", key="imports/batch.csv", etag=etag, size=len(content)))
    worker.stop()
    worker.take_one()
    assert record()["counts"]["rows"] == 25
    assert "Contents" not in s3.list_objects_v2(Bucket=UPLOADS, Prefix="reports/")
    code.Worker.of(worker.jobs.values()).take_one()
    found = report(s3)
    assert (found["rows"], found["placed"], found["repeated"]) == (1_000, 980, 0)
    assert [error["row"] for error in found["errors"]] == [*range(50, 1_001, 50)]
    assert stored(table) == 980


def test_a_file_that_was_replaced_meanwhile_is_not_read_on(
    worker: Any, sqs: SQSClient, s3: S3Client, table: DynamoDBClient
) -> None:
    content = csv(*map(row, range(100)))
    s3.put_object(Bucket=UPLOADS, Key="imports/batch.csv", Body=content)
    put(sqs, asked("import", key="imports/batch.csv", etag='"other"', size=len(content)))
    worker.take_one()
    assert reasons(sqs) == ["the file was replaced by another upload"]
    assert stored(table) == 0
    # The report is that of the other upload.
    assert "Contents" not in s3.list_objects_v2(Bucket=UPLOADS, Prefix="reports/")


def test_settings_name_what_is_missing(code: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOB_DEAD_LETTERS_URL")
    with pytest.raises(Exception, match="missing or wrong: JOB_DEAD_LETTERS_URL"):
        code.Worker.of([])
