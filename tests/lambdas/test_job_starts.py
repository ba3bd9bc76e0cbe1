"""Jobs are started where they fit, and what was begun in the wrong place goes on in the right."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_sqs import SQSClient

from tests.lambdas.conftest import Log
from tests.lambdas.jobs import modules, record, sent
from tests.lambdas.toy_job import Count, CountJob

DURABLE = "arn:aws:lambda:eu-central-1:123456789012:function:wait:live"


@pytest.fixture
def lib(jobs: DynamoDBClient, sqs: SQSClient) -> Any:
    found = modules()
    found.start.sqs.cache_clear()
    return found


@pytest.fixture
def job(environment: None) -> CountJob:
    return CountJob()


def start(lib: Any, job: CountJob, left: Any = lambda: 900_000, **more: Any) -> Any:
    run_on = more.pop("run_on", None)
    request = Count(**{"to": 3, **more})
    return lib.start.start(job, request, "job-1", left, run_on)


def test_what_fits_runs_here(lib: Any, job: CountJob, sqs: SQSClient, log: Log) -> None:
    decision = start(lib, job)
    assert (decision.where, job.said, sent(sqs)) == ("function", [1, 2, 3], [])
    (line,) = log.lines("job decided")
    assert (line["job_id"], line["decision"]["where"]) == ("job-1", "function")


def test_what_is_over_a_limit_is_sent_to_the_service_with_the_reason(
    lib: Any, job: CountJob, sqs: SQSClient
) -> None:
    assert start(lib, job, seconds=241).where == "service"
    (message,) = sent(sqs)
    assert (message["version"], message["kind"], job.said) == (1, "count", [])
    assert message["request"]["to"] == 3
    assert message["decision"]["limit"] == "seconds"
    assert (record()["status"], json.loads(record()["decision"])["where"]) == (
        "SUBMITTED",
        "service",
    )


def test_one_may_choose_the_place(lib: Any, job: CountJob, sqs: SQSClient) -> None:
    assert start(lib, job, run_on="service").overridden
    assert [each["decision"]["overridden"] for each in sent(sqs)] == [True]
    assert start(lib, job, seconds=241, run_on="function").where == "function"
    assert job.said == [1, 2, 3]


def test_what_is_not_done_in_time_goes_on_at_the_service(
    lib: Any, job: CountJob, sqs: SQSClient
) -> None:
    left = iter([60_000, 24_999])
    decision = start(lib, job, lambda: next(left))
    assert (decision.where, decision.limit) == ("service", "seconds")
    assert (job.said, record()["position"]) == ([1, 2], 2)
    message = lib.message.read(json.dumps(sent(sqs)[0]))
    lib.run.run(job, message, lib.job.Surroundings(lease_seconds=60), lambda _: None)
    assert job.said == [1, 2, 3]


def test_a_job_that_was_done_is_not_done_again(lib: Any, job: CountJob, sqs: SQSClient) -> None:
    assert start(lib, job) == start(lib, job)
    assert (job.said, sent(sqs)) == ([1, 2, 3], [])


def test_a_job_that_is_under_way_fails_the_start_so_that_it_is_repeated(
    lib: Any, job: CountJob
) -> None:
    job.fails_at[1] = SystemExit()  # type: ignore[assignment]
    with pytest.raises(SystemExit):
        start(lib, job)
    with pytest.raises(lib.errors.JobTakenError):
        start(lib, job)


def test_a_job_that_can_never_be_done_is_not_repeated(lib: Any, job: CountJob, log: Log) -> None:
    start(lib, job, to=-1)
    (line,) = log.lines("job given up")
    assert (line["reason"], record()["status"]) == ("nobody counts down", "FAILED")


class Started(Exception):  # noqa: N818
    """The name is taken by an execution."""


class Lambdas:
    """Lambda's API, which starts one execution of a name."""

    exceptions = SimpleNamespace(DurableExecutionAlreadyStartedException=Started)

    def __init__(self) -> None:
        self.started: dict[str, Any] = {}

    def invoke(self, **request: Any) -> None:
        name = request["DurableExecutionName"]
        if name in self.started:
            raise Started
        self.started[name] = request


def test_what_mostly_waits_is_started_durably_and_once(
    lib: Any, job: CountJob, sqs: SQSClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    lambdas = Lambdas()
    places = lib.start.Places(function=lib.decision.Limits(), durable=lib.decision.Limits())
    changes = {"places": places, "durable_arn": DURABLE}
    monkeypatch.setattr(lib.start, "submission", lib.start.submission.model_copy(update=changes))
    monkeypatch.setattr(lib.start, "lambdas", lambda: lambdas)
    for _ in range(2):
        assert start(lib, job, rest_seconds=3_600).where == "durable-function"
    ((name, request),) = lambdas.started.items()
    assert (request["FunctionName"], request["InvocationType"]) == (DURABLE, "Event")
    assert len(name) == 64
    assert lib.message.read(request["Payload"].decode()).job_id == "job-1"
    assert sent(sqs) == []
