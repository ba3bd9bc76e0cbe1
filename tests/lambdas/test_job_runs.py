"""One run of a job: to its end, its next pause, or the error that it leaves to the next worker."""

from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from tests.lambdas.jobs import asked, modules, record
from tests.lambdas.toy_job import CountJob


@pytest.fixture
def lib(jobs: DynamoDBClient) -> Any:
    return modules()


@pytest.fixture
def job(environment: None) -> CountJob:
    return CountJob()


@pytest.fixture
def slept(lib: Any, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long a job slept, each time; the clock goes on by as much."""
    each: list[float] = []
    monkeypatch.setattr(lib.job.time, "sleep", each.append)
    monkeypatch.setattr(lib.job.time, "monotonic", lambda: 100 + sum(each))
    return each


class Told(list[str]):
    """The reasons that a run told when it gave up."""


def run(lib: Any, job: CountJob, told: Told | None = None, /, **more: Any) -> None:
    message = more.pop("message", None) or asked()
    surroundings = lib.job.Surroundings(**{"lease_seconds": 60, **more})
    lib.run.run(job, message, surroundings, (Told() if told is None else told).append)


def test_a_job_runs_to_its_end_and_its_counts_are_kept(lib: Any, job: CountJob) -> None:
    saved: list[int] = []
    run(lib, job, saved=lambda: saved.append(1))
    assert (job.said, len(saved)) == ([1, 2, 3], 3)
    assert (record()["status"], record()["counts"]) == ("DONE", {"said": 3})


def test_a_job_that_must_stop_goes_on_behind_its_checkpoint(lib: Any, job: CountJob) -> None:
    with pytest.raises(lib.errors.JobPausedError):
        run(lib, job, stopping=lambda: job.said == [1])
    assert (record()["status"], record()["position"]) == ("RUNNING", 1)
    run(lib, job)
    assert job.said == [1, 2, 3]


def test_an_error_is_left_to_the_next_worker_at_once(lib: Any, job: CountJob) -> None:
    job.fails_at[2] = ConnectionError("no way")
    with pytest.raises(ConnectionError):
        run(lib, job)
    assert record()["last_error"] == "ConnectionError('no way')"
    run(lib, job)
    assert job.said == [1, 2, 3]


def test_a_job_that_can_never_be_done_is_given_up_with_its_reason(lib: Any, job: CountJob) -> None:
    told = Told()
    with pytest.raises(lib.errors.JobRefusedError):
        run(lib, job, told, message=asked(to=-1))
    assert told == ["nobody counts down"]
    assert (record()["status"], record()["reason"]) == ("FAILED", "nobody counts down")


def test_a_request_of_another_shape_is_given_up(lib: Any, job: CountJob) -> None:
    told = Told()
    with pytest.raises(lib.errors.JobRefusedError):
        run(lib, job, told, message=asked(to="many"))
    assert told[0].startswith("the request cannot be read: to: ")


def test_five_attempts_without_progress_are_enough(lib: Any, job: CountJob) -> None:
    told = Told()
    for _ in range(5):
        job.fails_at[1] = MemoryError("of the worker")
        with pytest.raises(MemoryError):
            run(lib, job, told)
    assert not told
    with pytest.raises(lib.errors.JobRefusedError):
        run(lib, job, told)
    assert told == ["no progress in 5 attempts, at last: MemoryError('of the worker')"]


def test_a_worker_that_died_without_a_word_is_counted_too(lib: Any, job: CountJob) -> None:
    for _ in range(5):
        lib.records.claim(asked(), 0)
    told = Told()
    with pytest.raises(lib.errors.JobRefusedError):
        run(lib, job, told)
    assert told == ["no progress in 5 attempts, at last: the worker died"]


def test_progress_between_failures_is_no_reason_to_give_up(lib: Any, job: CountJob) -> None:
    for number in range(1, 9):
        job.fails_at[number] = ConnectionError("again")
        with pytest.raises(ConnectionError):
            run(lib, job, message=asked(to=8))
    run(lib, job, message=asked(to=8))
    assert job.said == [*range(1, 9)]


def test_a_worker_whose_job_another_has_taken_ends_and_writes_nothing(
    lib: Any, job: CountJob
) -> None:
    def taken() -> bool:
        if job.said == [2]:
            lib.records.claim(asked(), 60)
        return False

    claim = lib.records.claim(asked(), 0)
    lib.records.save(claim, lib.checkpoint.Checkpoint(position=1))
    with pytest.raises(lib.errors.LeaseLostError):
        run(lib, job, stopping=taken, lease_seconds=0)
    assert (record()["status"], record()["position"]) == ("RUNNING", 1)


def test_what_cannot_be_released_does_not_hide_the_error(
    lib: Any, job: CountJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job.fails_at[1] = MemoryError("the first")

    def gone(*_: Any) -> None:
        raise ConnectionError("the second")

    monkeypatch.setattr(lib.records, "release", gone)
    with pytest.raises(MemoryError):
        run(lib, job)


def test_a_wait_is_slept_where_time_costs_nothing(
    lib: Any, job: CountJob, slept: list[float]
) -> None:
    run(lib, job, message=asked(rest_seconds=2.5))
    assert slept == [1, 1, 0.5] * 2
    assert job.said == [1, 2, 3]


def test_a_job_that_waits_can_be_stopped(lib: Any, job: CountJob, slept: list[float]) -> None:
    with pytest.raises(lib.errors.JobPausedError) as pause:
        run(lib, job, message=asked(rest_seconds=60), stopping=lambda: len(slept) == 2)
    assert (pause.value.seconds, record()["position"]) == (58, 1)
