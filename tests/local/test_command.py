"""What the command says, and what its demonstration takes for a success."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from local import __main__ as command
from local import logs
from local.demo.orders import KINDS
from local.demo.show import judge
from local.errors import LocalError
from local.paths import LOCAL
from local.stage import LocalStage


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stage elsewhere, which is down."""

    def made(state: Path = LOCAL, report: Callable[[str], None] = print) -> LocalStage:
        return LocalStage(state=tmp_path / "state" / state.name, report=report)

    monkeypatch.setattr(command, "LocalStage", made)
    return tmp_path / "state"


@pytest.mark.parametrize("name", ["logs", "console"])
def test_what_looks_at_a_stage_says_that_it_is_down(stage: Path, name: str) -> None:
    result = CliRunner().invoke(command.main, [name])
    assert isinstance(result.exception, LocalError)
    assert "not up: run `make up`" in str(result.exception)


def test_down_with_nothing_there_is_no_mistake(stage: Path) -> None:
    for _ in range(2):
        assert CliRunner().invoke(command.main, ["down"]).exit_code == 0
    assert not list(stage.iterdir())


def test_an_error_is_one_sentence_and_exit_code_1() -> None:
    arguments = [sys.executable, "-m", "local", "preview", "--stage", "other"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 1
    assert "error: there is no stage 'other': there are dev, local, prod" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_wrong_option_is_told() -> None:
    arguments = [sys.executable, "-m", "local", "up", "--wrong"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 2
    assert "No such option" in done.stderr


GOOD, DECLINED = KINDS[0], KINDS[1]
PLACED = {"a": GOOD, "b": DECLINED}
ENDED = {"a": {"status": "CONFIRMED"}, "b": {"status": "REJECTED"}}
TOLD = {"a": ["OrderPlaced", "OrderConfirmed"], "b": ["OrderPlaced", "OrderRejected"]}


def test_the_demonstration_ends_well_when_each_order_does() -> None:
    judge(PLACED, ENDED, TOLD)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"orders": {**ENDED, "a": {"status": "CANCELLED"}}}, "otherwise than they must: good"),
        ({"orders": {**ENDED, "b": {"status": "CONFIRMED"}}}, "must: card declined"),
        ({"events": {**TOLD, "a": ["OrderPlaced"]}}, "no event told the end of orders: good"),
        ({"events": {"a": [], "b": []}}, "orders: good, card declined"),
    ],
)
def test_the_demonstration_fails_where_an_order_or_event_is_wrong(
    changed: dict[str, Any], told: str
) -> None:
    with pytest.raises(LocalError, match=told):
        judge(**{"placed": PLACED, "orders": ENDED, "events": TOLD, **changed})


def test_log_lines_come_in_order_and_each_as_often_as_it_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def event(at: int, message: str) -> dict[str, object]:
        return {"logStreamName": "s", "timestamp": at, "message": message}

    found = [("get", event(3, "late")), ("get", event(2, "twice")), ("put", event(1, "early"))]
    found.append(("get", event(2, "twice")))
    monkeypatch.setattr(logs, "lines", lambda *_: iter(found))
    screen = Console(record=True, width=80, file=io.StringIO())
    logs.show("http://127.0.0.1:1", "", screen, follow=False)
    written = screen.export_text().split("\n")
    assert written[:4] == ["put  early", "get  twice", "get  twice", "get  late"]
