"""Who may work on a job, and that no checkpoint is ever moved back."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from tests.lambdas.jobs import asked, modules, record
from tests.lambdas.tables import lost_answer


@pytest.fixture
def lib(jobs: DynamoDBClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The library, at a time that a test can set by `now`."""
    found = modules()
    found.now = 1_000_000_000_000
    monkeypatch.setattr(found.records, "now_ms", lambda: found.now)
    return found


def at(lib: Any, position: int, **state: Any) -> Any:
    return lib.checkpoint.Checkpoint(position=position, counts={"rows": position}, state=state)


def test_a_new_job_begins_at_its_beginning(lib: Any) -> None:
    claim = lib.records.claim(asked(), 60)
    assert (claim.token, claim.tries) == (1, 1)
    assert claim.checkpoint == lib.checkpoint.Checkpoint()
    assert claim.started_at.isoformat() == "2001-09-09T01:46:40+00:00"
    found = record()
    assert (found["status"], found["kind"]) == ("RUNNING", "count")
    assert found["expires_at"] == 1_000_000_000 + 90 * 86_400


def test_the_next_worker_goes_on_where_the_last_one_was(lib: Any) -> None:
    first = lib.records.claim(asked(), 60)
    lib.records.save(first, at(lib, 500, errors=[{"row": 7, "reason": "é"}]))
    lib.records.release(first)
    lib.now += 5_000
    second = lib.records.claim(asked(), 60)
    assert second.checkpoint == at(lib, 500, errors=[{"row": 7, "reason": "é"}])
    assert (second.token, second.started_at) == (2, first.started_at)


def test_a_job_is_one_workers_until_its_lease_is_over(lib: Any) -> None:
    lib.records.claim(asked(), 60)
    for later, left in ((0, 60), (59_999, 0.001)):
        lib.now = 1_000_000_000_000 + later
        with pytest.raises(lib.errors.JobTakenError) as taken:
            lib.records.claim(asked(), 60)
        assert taken.value.seconds == left
    lib.now = 1_000_000_000_000 + 60_000
    assert lib.records.claim(asked(), 60).token == 2


def test_a_checkpoint_keeps_the_lease(lib: Any) -> None:
    claim = lib.records.claim(asked(), 60)
    lib.now += 50_000
    lib.records.save(claim, at(lib, 1))
    lib.now += 50_000
    with pytest.raises(lib.errors.JobTakenError):
        lib.records.claim(asked(), 60)


def test_a_worker_that_comes_back_moves_no_checkpoint(lib: Any) -> None:
    zombie = lib.records.claim(asked(), 60)
    lib.records.save(zombie, at(lib, 100))
    lib.now += 60_000
    lib.records.save(lib.records.claim(asked(), 60), at(lib, 900))
    late: tuple[Callable[[], None], ...] = (
        lambda: lib.records.save(zombie, at(lib, 200)),
        lambda: lib.records.release(zombie),
        lambda: lib.records.end(zombie, "DONE", {"rows": 200}),
    )
    for write in late:
        with pytest.raises(lib.errors.LeaseLostError):
            write()
    found = record()
    assert (found["position"], found["counts"], found["status"]) == (900, {"rows": 900}, "RUNNING")


def test_a_lost_answer_to_a_claim_keeps_nobody_out(lib: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(lib.records.uuid, "uuid4", lambda: lib.records.uuid.UUID(int=7))
    with lost_answer(lib.records.dynamodb, "update_item"), pytest.raises(Exception, match="Read"):
        lib.records.claim(asked(), 60)
    assert lib.records.claim(asked(), 60).token == 2


def test_what_is_done_is_done(lib: Any) -> None:
    claim = lib.records.claim(asked(), 60)
    lib.records.end(claim, "DONE", {"rows": 3})
    with pytest.raises(lib.errors.JobDoneError):
        lib.records.claim(asked(), 60)
    found = record()
    assert (found["status"], found["counts"]) == ("DONE", {"rows": 3})
    assert (found["ended_on"], found["ended_at"][:11]) == ("2001-09-09", "2001-09-09T")


def test_what_failed_may_be_tried_again_once_its_cause_is_mended(lib: Any) -> None:
    claim = lib.records.claim(asked(), 60)
    lib.records.save(claim, at(lib, 10))
    lib.records.end(claim, "FAILED", reason="the file is gone")
    assert record()["reason"] == "the file is gone"
    assert lib.records.claim(asked(), 60).checkpoint.position == 10


def test_tries_count_from_the_last_checkpoint_on(lib: Any) -> None:
    for tries in (1, 2, 3):
        claim = lib.records.claim(asked(), 60)
        assert claim.tries == tries
        lib.records.release(claim, "ValueError('no')")
    assert lib.records.claim(asked(), 0).last_error == "ValueError('no')"
    lib.records.save(lib.records.claim(asked(), 0), at(lib, 1))
    assert lib.records.claim(asked(), 60).tries == 1


def test_a_job_that_was_sent_elsewhere_is_seen_before_it_begins(lib: Any) -> None:
    lib.records.submitted(asked())
    assert (record()["status"], lib.records.claim(asked(), 60).token) == ("SUBMITTED", 1)
    lib.records.submitted(asked())
    assert record()["status"] == "RUNNING"


def test_a_state_is_small_enough_for_an_item(lib: Any) -> None:
    claim = lib.records.claim(asked(), 60)
    lib.records.save(claim, at(lib, 1, errors=["the same reason"] * 100_000))
    with pytest.raises(ValueError, match="bytes: allowed is 350,000"):
        lib.records.save(claim, at(lib, 2, noise=os.urandom(400_000).hex()))
    assert record()["position"] == 1
