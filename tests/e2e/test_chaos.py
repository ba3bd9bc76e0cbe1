"""Orders under every fault at once, on a stage of their own: `make chaos`, smaller."""

import shutil
from collections.abc import Iterator

import psutil
import pytest

from local.chaos.plan import Plan
from local.chaos.run import Outcome, Run
from local.runtime.faults import AFTER, BEFORE, STALE, TWICE

pytestmark = [pytest.mark.local, pytest.mark.timeout(1_200)]
ORDERS = 60


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    made = Run(Plan.of(1, ORDERS), state=tmp_path_factory.mktemp("chaos") / "state")
    try:
        made.up()
        yield made
    finally:
        made.down()
    shutil.rmtree(made.state.parent)


@pytest.fixture(scope="module")
def outcome(run: Run) -> Outcome:
    return run.go()


def test_no_promise_is_broken(outcome: Outcome) -> None:
    assert outcome.verdict.failures == []
    assert outcome.settled_seconds is not None
    assert len(outcome.placed) > ORDERS
    assert outcome.verdict.lost == outcome.verdict.twice == []


def test_what_was_sent_is_what_was_noted(outcome: Outcome) -> None:
    noted = {f"{id_}#{kind}" for id_, kinds in outcome.found.delivered.items() for kind in kinds}
    assert noted
    # The lines of a process that was killed may be lost.
    assert len(outcome.sendings) > 0.9 * len(noted)
    assert outcome.sendings.keys() <= noted


def test_faults_of_every_sort_were_there(outcome: Outcome) -> None:
    sorts = {each.split(": ")[0] for each in outcome.injected}
    assert {"dynamodb", "function", "kill a function", "pause the emulator"} <= sorts
    # Which of them befall a function is up to chance, and so few orders are few throws.
    befallen = {each.split(": ")[1] for each in outcome.injected if each.startswith("function")}
    assert befallen
    assert befallen <= {BEFORE, AFTER, TWICE, STALE}
    assert outcome.injected["poison"] == len(outcome.poison) > 0
    assert outcome.injected["event put twice"] > 0


def test_the_end_of_a_run_leaves_nothing(run: Run, outcome: Outcome) -> None:
    scratch = str(run.stage.emulator.scratch)
    run.down()
    left = [each for each in psutil.process_iter() if scratch in _environment(each)]
    assert left == []
    assert not run.state.exists()


def _environment(process: psutil.Process) -> str:
    try:
        return process.environ().get("TMPDIR", "")
    except psutil.Error:
        return ""
