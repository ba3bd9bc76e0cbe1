"""Where a job runs: both sides of every limit."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.jobs.decision import (
    ASYNCHRONOUS_PAYLOAD_BYTES,
    SYNCHRONOUS_PAYLOAD_BYTES,
    Decision,
    Estimate,
    Limits,
    decide,
)

LAMBDA = Limits()
SMALL = Limits(seconds=60, memory_mb=1_024, disk_mb=512)


def where(limits: Limits = LAMBDA, durable: Limits | None = None, **needs: Any) -> Decision:
    whole: dict[str, Any] = {"seconds": 1, **needs}
    return decide(Estimate(**whole), limits, durable)


@pytest.mark.parametrize(
    ("limits", "need", "most"),
    [
        (LAMBDA, "seconds", 720),
        (LAMBDA, "memory_mb", 8_192),
        (LAMBDA, "disk_mb", 8_192),
        (LAMBDA, "payload_bytes", 1_048_576),
        (SMALL, "seconds", 48),
        (SMALL, "memory_mb", 819.2),
        (SMALL, "disk_mb", 409.6),
        (Limits(payload_bytes=SYNCHRONOUS_PAYLOAD_BYTES), "payload_bytes", 6_291_456),
    ],
)
def test_a_job_runs_as_the_function_up_to_each_limit_and_on_the_service_over_it(
    limits: Limits, need: Any, most: float
) -> None:
    needs: tuple[dict[str, Any], ...] = ({need: most}, {need: most + 1})
    fits, over = (where(limits, **each) for each in needs)
    assert (fits.where, fits.limit) == ("function", None)
    assert (over.where, over.limit) == ("service", need)


def test_a_job_that_mostly_waits_runs_as_a_durable_function() -> None:
    needs: dict[str, Any] = {"seconds": 2_000, "waiting_seconds": 1_000, "steps": 2}
    assert where(**needs).where == "service"
    found = where(durable=LAMBDA, **needs)
    assert (found.where, found.limit) == ("durable-function", "seconds")
    assert where(durable=LAMBDA, **{**needs, "waiting_seconds": 999}).where == "service"


def test_the_working_part_of_each_step_fits_or_the_service_takes_it() -> None:
    waits: dict[str, Any] = {"waiting_seconds": 10_000, "steps": 2}
    assert where(durable=LAMBDA, seconds=11_440, **waits).where == "durable-function"
    assert where(durable=LAMBDA, seconds=11_441, **waits).where == "service"


@pytest.mark.parametrize("need", ["memory_mb", "disk_mb", "payload_bytes"])
def test_waiting_does_not_help_against_the_other_limits(need: str) -> None:
    waits: dict[str, Any] = {"seconds": 10_000, "waiting_seconds": 9_999}
    assert where(durable=LAMBDA, **waits).where == "durable-function"
    assert where(durable=LAMBDA, **{**waits, need: 2_000_000}).where == "service"


def test_a_durable_function_may_be_larger_than_the_function() -> None:
    waits: dict[str, Any] = {"seconds": 10_000, "waiting_seconds": 9_999, "memory_mb": 2_000}
    assert where(SMALL, durable=LAMBDA, **waits).where == "durable-function"
    assert where(LAMBDA, durable=SMALL, **waits).where == "service"


def test_what_fits_is_a_function_though_it_waits() -> None:
    assert where(durable=LAMBDA, seconds=100, waiting_seconds=99).where == "function"


@pytest.mark.parametrize("chosen", ["function", "durable-function", "service"])
def test_somebody_may_choose_and_the_decision_says_so(chosen: Any) -> None:
    for seconds, fitting in ((1, "function"), (10_000, "service")):
        decision = decide(Estimate(seconds=seconds), LAMBDA, LAMBDA, chosen)
        assert decision.where == chosen
        assert decision.overridden is (chosen != fitting)
        assert decision.limit == (None if seconds == 1 else "seconds")


def test_nobody_chooses_a_place_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="run-on is 'durable-function': allowed is 'function', "):
        decide(Estimate(seconds=1), LAMBDA, None, "durable-function")


def test_a_decision_is_data() -> None:
    decision = where(seconds=721)
    assert Decision.model_validate_json(decision.model_dump_json()) == decision


@pytest.mark.parametrize(
    ("limit", "least", "most"),
    [
        ("seconds", 1, 900),
        ("memory_mb", 128, 10_240),
        ("disk_mb", 512, 10_240),
        ("payload_bytes", 1, 6_291_456),
    ],
)
def test_limits_are_lambdas(limit: str, least: int, most: int) -> None:
    for good in (least, most):
        assert getattr(Limits(**{limit: good}), limit) == good
    for bad in (least - 1, most + 1):
        with pytest.raises(ValidationError, match=limit):
            Limits(**{limit: bad})
    assert LAMBDA.payload_bytes == ASYNCHRONOUS_PAYLOAD_BYTES


def test_nothing_waits_for_longer_than_it_takes() -> None:
    assert Estimate(seconds=5, waiting_seconds=5).step_seconds == 0
    with pytest.raises(ValidationError, match="waiting_seconds is more than seconds"):
        Estimate(seconds=5, waiting_seconds=5.1)
