"""The life of the process that keeps durable executions, under a process like the emulator's."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from local.emulator import durable_runner
from local.emulator.durable_runner import Runner

pytestmark = pytest.mark.local
HOST = """
import sys
from local.emulator.durable_runner import Runner
runner = Runner("eu-central-1")
for path in sys.stdin:
    print(*runner.call("GET", path.strip()), flush=True)
"""


class Host:
    """A process that calls a runner."""

    def __init__(self, home: Path) -> None:
        ours = {"HOME": str(home), "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", HOST],
            env={**os.environ, **ours},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(self, path: str) -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def runners(self) -> list[psutil.Process]:
        return [each for each in psutil.Process(self.process.pid).children() if alive(each)]


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path)
    yield made
    made.process.kill()
    made.process.communicate()


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def eventually(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_it_starts_once_and_keeps_executions_below_the_home(host: Host, tmp_path: Path) -> None:
    assert not host.runners()
    assert host.call("/health").startswith("200")
    assert host.call("/health").startswith("200")
    assert len(host.runners()) == 1
    assert (tmp_path / "durable/eu-central-1.db").is_file()


def test_it_is_started_again_though_nobody_calls_it(host: Host) -> None:
    host.call("/health")
    (first,) = host.runners()
    first.kill()
    eventually(lambda: [each for each in host.runners() if each != first] != [])


def test_a_call_waits_until_it_is_back(host: Host) -> None:
    host.call("/health")
    host.runners()[0].kill()
    assert host.call("/health").startswith("200")


def test_it_ends_with_whoever_started_it(host: Host) -> None:
    host.call("/health")
    (runner,) = host.runners()
    host.process.kill()
    eventually(lambda: not alive(runner))


def test_without_its_environment_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(durable_runner, "DURABLE_PYTHON", tmp_path / "python")
    with pytest.raises(RuntimeError, match="run `make setup`"):
        Runner("eu-central-1").ready()
