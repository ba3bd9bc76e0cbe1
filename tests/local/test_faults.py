"""The faults of a function's environment: what a seed decides, and what it then does."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.runtime import faults
from local.runtime.faults import AFTER, BEFORE, STALE, TWICE, Faults, decide, shuffled
from tests.local.test_runtime import run

RATES = {BEFORE: 0.1, AFTER: 0.1, TWICE: 0.2, STALE: 0.1}
CODE = """
import os

def append(event, context):
    with open("calls", "a") as file:
        file.write(f"{event} {os.environ.get('AWS_ENDPOINT_URL')}\\n")
    return event
"""


def plan(folder: Path, **rates: float) -> Faults:
    named = {name.replace("_", " "): rate for name, rate in rates.items()}
    (folder / faults.PLAN).write_text(json.dumps({"seed": 1, "rates": named}))
    return Faults(folder, "work")


def fired(folder: Path) -> list[str]:
    lines = (folder / faults.FIRED).read_text().splitlines()
    return [json.loads(line)["fault"] for line in lines]


def recorder() -> tuple[list[Any], Callable[[Any, Any], Any]]:
    seen: list[Any] = []

    def handler(event: Any, _context: Any) -> int:
        seen.append(event)
        return len(seen)

    return seen, handler


def test_the_same_seed_decides_the_same_and_another_otherwise() -> None:
    first = [decide(1, RATES, "work", number) for number in range(1, 200)]
    assert first == [decide(1, RATES, "work", number) for number in range(1, 200)]
    assert first != [decide(2, RATES, "work", number) for number in range(1, 200)]
    assert first != [decide(1, RATES, "other", number) for number in range(1, 200)]


def test_each_fault_comes_about_as_often_as_its_rate_says() -> None:
    counts = Counter(decide(1, RATES, "work", number) for number in range(10_000))
    for fault, rate in RATES.items():
        assert abs(counts[fault] / 10_000 - rate) < 0.02, fault


def test_without_a_plan_nothing_happens(tmp_path: Path) -> None:
    seen, handler = recorder()
    assert Faults(tmp_path, "work").wrap(handler)({"n": 1}, None) == 1
    assert seen == [{"n": 1}]
    assert list(tmp_path.iterdir()) == []


def test_invocations_are_counted_over_all_environments(tmp_path: Path) -> None:
    one, other = Faults(tmp_path, "work"), Faults(tmp_path, "work")
    assert [one.count(), other.count(), one.count()] == [1, 2, 3]


def test_an_event_delivered_twice_is_handled_twice_and_answered_once(tmp_path: Path) -> None:
    seen, handler = recorder()
    assert plan(tmp_path, twice=1).wrap(handler)("e", None) == 2
    assert seen == ["e", "e"]
    assert fired(tmp_path) == [TWICE]


def test_an_earlier_event_comes_again_and_its_failure_is_nobodys(tmp_path: Path) -> None:
    seen, handler = recorder()
    quiet = plan(tmp_path).wrap(handler)
    for number in range(1, faults.KEPT + 1):
        quiet(number, None)
    plan(tmp_path, old_event_again=1).wrap(handler)("new", None)
    assert seen[-2:] == [faults.KEPT, "new"]

    def choosy(event: Any, _context: Any) -> str:
        if event != "new":
            raise ValueError("not again")
        return "done"

    assert plan(tmp_path, old_event_again=1).wrap(choosy)("new", None) == "done"


def test_before_there_is_an_earlier_event_none_comes_again(tmp_path: Path) -> None:
    seen, handler = recorder()
    plan(tmp_path, old_event_again=1).wrap(handler)("new", None)
    assert seen == ["new"]


@pytest.mark.parametrize("fault", ["twice", "old_event_again"])
def test_a_durable_execution_goes_on_once(tmp_path: Path, fault: str) -> None:
    seen, handler = recorder()
    event = {"DurableExecutionArn": "arn", "CheckpointToken": "t"}
    plan(tmp_path, **{fault: 1}).wrap(handler)(event, None)
    assert seen == [event]


def test_the_batch_of_a_queue_comes_in_another_order_and_a_streams_does_not() -> None:
    records = [{"eventSource": "aws:sqs", "n": number} for number in range(10)]
    mixed = shuffled(1, "work", 1, {"Records": records})["Records"]
    assert mixed != records
    assert sorted(mixed, key=lambda record: record["n"]) == records
    assert mixed == shuffled(1, "work", 1, {"Records": records})["Records"]
    stream = {"Records": [{**record, "eventSource": "aws:kinesis"} for record in records]}
    others: list[Any] = [stream, {"Records": []}, [1], None]
    for event in others:
        assert shuffled(1, "work", 1, event) is event


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(CODE)
    return tmp_path


def crashing(root: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> list[str]:
    monkeypatch.chdir(root)
    plan(root, **{fault.replace(" ", "_"): 1})
    named = {"CHAOS": str(root), "AWS_LAMBDA_FUNCTION_NAME": "work-function-1234567"}
    answers, _ = run(root, "app.append", "e", "f", status=1, **named)
    assert answers == []
    assert fired(root) == [fault]
    calls = root / "calls"
    return calls.read_text().splitlines() if calls.exists() else []


def test_a_crash_before_the_write_leaves_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert crashing(root, monkeypatch, BEFORE) == []


def test_a_crash_after_the_write_leaves_it_and_no_answer(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert crashing(root, monkeypatch, AFTER) == ["e None"]


def test_calls_go_through_the_proxy_but_those_that_stand_for_the_bus(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    (root / faults.ENDPOINT).write_text("http://proxy")
    plan(root)
    for name in ("work-function-1234567", "forward-0123456789abcdef"):
        run(root, "app.append", name, CHAOS=str(root), AWS_LAMBDA_FUNCTION_NAME=name)
    assert (root / "calls").read_text().splitlines() == [
        "work-function-1234567 http://proxy",
        "forward-0123456789abcdef None",
    ]
    assert not (root / "forward.count").exists()


def test_without_chaos_the_loop_does_not_even_import_faults(root: Path) -> None:
    (root / "app.py").write_text(
        "import sys\ndef names(event, context):\n    return 'faults' in sys.modules\n"
    )
    answers, _ = run(root, "app.names", {})
    assert answers == [("/invocation/r-1/response", False)]
