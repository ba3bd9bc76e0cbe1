"""What befalls processes: whose function is killed, and for how long the emulator stands still."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from local.chaos import disturb
from local.chaos.disturb import Disturbance
from local.chaos.plan import Moment
from local.provider.runtime import LOOP

Function = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def function() -> Iterator[Function]:
    """Start what looks like the process of a function with this name."""
    made: list[subprocess.Popen[bytes]] = []

    def go(name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", "input()", str(LOOP)]
        environment = {"AWS_LAMBDA_FUNCTION_NAME": name}
        made.append(subprocess.Popen(command, stdin=subprocess.PIPE, env=environment))  # noqa: S603
        return made[-1]

    yield go
    for each in made:
        each.kill()
        each.communicate()


def disturbance(process: Any, *moments: Moment) -> tuple[Disturbance, list[int]]:
    sent: list[int] = []
    emulator: Any = SimpleNamespace(process=process)
    return Disturbance(emulator, [*moments], lambda: sent.append(1)), sent


def moment(what: str, after: int = 1, pick: float = 0.0) -> Moment:
    return Moment(after=after, what=what, pick=pick)


def test_a_function_is_killed_and_none_that_stands_for_aws(function: Function) -> None:
    carrier, work = function("forward-0123456789abcdef"), function("work-function-1234567")
    made, _ = disturbance(psutil.Process(), moment("kill a function", pick=0.99))
    assert [each.pid for each in made.functions()] == [work.pid]
    made.catch_up(1)
    assert work.wait(timeout=10) == -9
    assert carrier.poll() is None
    assert made.done == {"kill a function": 1}


def test_without_a_function_none_is_killed() -> None:
    made, _ = disturbance(psutil.Process(), moment("kill a function"))
    made.catch_up(1)
    assert made.done["kill a function"] == 0


def test_the_emulator_stands_still_and_goes_on(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disturb, "PAUSE_SECONDS", (0.5, 0.5))
    process = psutil.Process(function("emulator").pid)
    made, _ = disturbance(process, moment("pause the emulator"))
    pausing = threading.Thread(target=made.catch_up, args=(1,))
    pausing.start()
    seen = set()
    while pausing.is_alive():
        seen.add(process.status())
    assert psutil.STATUS_STOPPED in seen
    assert process.status() != psutil.STATUS_STOPPED
    assert made.done == {"pause the emulator": 1}


def test_moments_wait_for_their_orders() -> None:
    made, sent = disturbance(psutil.Process(), moment("poison", 1), moment("poison", 3))
    for placed, expected in ((0, 0), (1, 1), (2, 1), (3, 2), (4, 2)):
        made.catch_up(placed)
        assert len(sent) == expected
    assert made.done == {"poison": 2}
