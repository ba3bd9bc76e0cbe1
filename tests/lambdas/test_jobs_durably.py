"""The same job in a durable function: it suspends where others sleep."""

import importlib
import json
from types import SimpleNamespace
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from tests.lambdas.jobs import asked, modules, record
from tests.lambdas.toy_job import CountJob


class Durable:
    """A durable context: what steps return is kept as JSON, and waits are noted."""

    def __init__(self, *left_ms: int) -> None:
        left = iter(left_ms)
        self.waits: list[int] = []
        self.lambda_context = SimpleNamespace(
            get_remaining_time_in_millis=lambda: next(left, 900_000)
        )

    def step(self, work: Any, _name: str) -> Any:
        return json.loads(json.dumps(work(None)))

    def wait(self, duration: Any, _name: str) -> None:
        self.waits.append(duration.to_seconds())


def run(job: CountJob, context: Durable, **request: Any) -> dict[str, Any]:
    durable = importlib.import_module("shared.jobs.durable")
    event = json.loads(asked(**request).model_dump_json())
    answer: dict[str, Any] = durable.run_durably(job, event, context)
    return answer


def test_a_wait_suspends_the_function_and_the_job_goes_on_behind_it(
    jobs: DynamoDBClient,
) -> None:
    job, context = CountJob(), Durable()
    assert run(job, context, rest_seconds=3_600) == {"job_id": "job-1"}
    assert (job.said, context.waits) == ([1, 2, 3], [3_600, 3_600])
    assert (record()["status"], record()["counts"]) == ("DONE", {"said": 3})


def test_work_that_is_longer_than_an_invocation_goes_on_in_the_next(
    jobs: DynamoDBClient,
) -> None:
    job, context = CountJob(), Durable(60_000, 24_999)
    run(job, context)
    assert (job.said, context.waits) == ([1, 2, 3], [1])


def test_an_execution_fails_for_a_job_that_can_never_be_done(jobs: DynamoDBClient) -> None:
    with pytest.raises(modules().errors.JobRefusedError, match="nobody counts down"):
        run(CountJob(), Durable(), to=-1)
    assert record()["status"] == "FAILED"


def test_an_execution_of_a_job_that_was_done_does_nothing(jobs: DynamoDBClient) -> None:
    job = CountJob()
    for _ in range(2):
        run(job, Durable())
    assert job.said == [1, 2, 3]
