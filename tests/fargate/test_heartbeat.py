"""The heartbeat of work: it beats while the work lives, and no longer."""

import importlib
import threading
from typing import Any

import pytest

from tests.lambdas.conftest import Log

PATIENCE = 10


@pytest.fixture
def code(environment: None) -> Any:
    return importlib.import_module("importer.heartbeat")


def test_it_beats_until_the_work_ends(code: Any) -> None:
    beats: list[int] = []
    enough = threading.Event()

    def beat() -> None:
        beats.append(1)
        if len(beats) == 3:
            enough.set()

    with code.Heartbeat(beat, 0.01) as heartbeat:
        assert enough.wait(PATIENCE)
    assert not heartbeat._thread.is_alive()
    assert len(beats) >= 3


def test_a_beat_that_fails_is_followed_by_the_next(code: Any, log: Log) -> None:
    beats: list[int] = []
    enough = threading.Event()

    def beat() -> None:
        beats.append(1)
        if len(beats) == 2:
            enough.set()
        raise ConnectionError("no way")

    with code.Heartbeat(beat, 0.01):
        assert enough.wait(PATIENCE)
    assert log.lines("heartbeat failed")


def test_work_that_hangs_has_no_heartbeat(
    code: Any, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000.0]
    monkeypatch.setattr(code.time, "monotonic", lambda: now[0])
    beats: list[float] = []
    heartbeat = code.Heartbeat(lambda: beats.append(now[0]), 0)
    steps = iter([900.0, 0.1])
    monkeypatch.setattr(heartbeat, "_ended", Forwards(now, steps))
    heartbeat._run()
    # At 900 seconds of silence it still beats; a moment later it is over.
    assert beats == [1_900.0]
    assert log.lines("the work hangs")


def test_work_that_tells_of_itself_does_not_hang(
    code: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000.0]
    monkeypatch.setattr(code.time, "monotonic", lambda: now[0])
    beats: list[float] = []
    heartbeat: Any = None

    def beat() -> None:
        beats.append(now[0])
        heartbeat.alive()

    heartbeat = code.Heartbeat(beat, 0)
    monkeypatch.setattr(heartbeat, "_ended", Forwards(now, iter([900.0] * 3)))
    heartbeat._run()
    assert beats == [1_900.0, 2_800.0, 3_700.0]


class Forwards:
    """An end that comes after some steps of the clock."""

    def __init__(self, now: list[float], steps: Any) -> None:
        self.now, self.steps = now, steps

    def wait(self, _seconds: float) -> bool:
        step = next(self.steps, None)
        self.now[0] += step or 0
        return step is None
