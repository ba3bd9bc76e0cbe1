"""What `make chaos` prints, and when it fails."""

import io
from collections import Counter
from dataclasses import replace

import pytest
from rich.console import Console

from local.chaos.count import Found, Letter, Payment, Poison, Verdict
from local.chaos.plan import Plan
from local.chaos.run import Outcome
from local.chaos.show import show
from local.demo.orders import KINDS
from local.errors import LocalError

POISON = Poison(title="garbage", marker="m-1", queues=("shipping",))
PLAN = Plan.of(7, 20)
OUTCOME = Outcome(
    plan=PLAN,
    placed={"a": KINDS[0], "b": KINDS[0]},
    found=Found(
        orders={"a": "CONFIRMED", "b": "CANCELLED"},
        payments={"a": Payment(status="CHARGED", charges=1)},
        reservations={},
        available=PLAN.shelves,
        delivered={},
        counted={},
        sums={},
        letters=(
            Letter(queue="shipping", body="m-1", reason="unreadable"),
            Letter(queue="shipping", body="b"),
        ),
    ),
    verdict=Verdict(once=["a"], twice=[], dead=["b"], lost=[], cancelled=1, failures=[]),
    poison=[POISON],
    settled_seconds=12.34,
    injected=Counter({"dynamodb: error": 1_234}),
    sendings=Counter({"a#confirmation": 2, "a#shipping": 1}),
)


def shown(outcome: Outcome) -> str:
    screen = Console(record=True, width=120, file=io.StringIO())
    try:
        show(outcome, screen)
    finally:
        text = screen.export_text()
    return " ".join(text.replace("│", " ").split())


def test_every_count_is_shown() -> None:
    text = shown(OUTCOME)
    for line in (
        "dynamodb: error 1,234",
        "shipping unreadable 1 1",
        "shipping none: given up by the queue 1 0",
        "seed 7",
        "accepted 2",
        "handled once 1",
        "handled twice 0",
        "dead-lettered 1",
        "lost 0",
        "(CANCELLED) 1",
        "charged twice 0",
        "units of stock astray 0",
        "sent again 1",
        "end of faults to empty queues 12.3 s",
    ):
        assert line in text


def test_a_broken_promise_fails_with_what_was_broken() -> None:
    verdict = replace(OUTCOME.verdict, failures=["lost: c"] * 30)
    with pytest.raises(LocalError, match=r"30 promises were broken.*--seed 7 --keep"):
        shown(replace(OUTCOME, verdict=verdict))


def test_queues_that_never_are_empty_break_a_promise() -> None:
    with pytest.raises(LocalError, match="1 promises were broken"):
        shown(replace(OUTCOME, settled_seconds=None))
