"""Which processes are ended, and which never; and one command at a time."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local import processes
from local.errors import LocalError
from local.lock import held

STUBBORN = (
    "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
)


def quiet(_message: str) -> None:
    pass


@pytest.fixture
def mark() -> str:
    return f"mark-{os.getpid()}-{time.monotonic_ns()}"


def started(mark: str, code: str = "print(flush=True); import time; time.sleep(60)") -> int:
    """Start a process that is nobody's child, as the orphan of a killed command is."""
    launch = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:]).pid, flush=True)"
    command = [sys.executable, "-c", launch, sys.executable, "-c", code]
    with subprocess.Popen(  # noqa: S603
        command, env={**os.environ, "TOOLKIT_MARK": mark}, stdout=subprocess.PIPE, text=True
    ) as launcher:
        assert launcher.stdout
        pid = int(launcher.stdout.readline())
        # An empty line: it has begun.
        launcher.stdout.readline()
    return pid


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.fixture
def other() -> Iterator[int]:
    pid = started("another")
    yield pid
    psutil.Process(pid).kill()


def test_only_processes_with_the_mark_are_ended(mark: str, other: int) -> None:
    ours = [started(mark), started(mark)]
    assert {process.pid for process in processes.marked("TOOLKIT_MARK", mark)} == set(ours)
    assert processes.end("TOOLKIT_MARK", mark)
    assert not any(map(alive, ours))
    assert alive(other)


def test_a_process_that_does_not_listen_is_killed(mark: str) -> None:
    pid = started(mark, STUBBORN)
    assert not processes.end("TOOLKIT_MARK", mark, grace=0.2)
    assert not alive(pid)


def test_a_process_may_end_unasked(mark: str) -> None:
    code = "import signal, time; signal.signal(15, lambda *_: time.sleep(60)); print(flush=True)"
    started(mark, f"{code}; time.sleep(0.5)")
    assert processes.end("TOOLKIT_MARK", mark, wait=30, grace=0)


def test_without_any_process_there_is_nothing_to_end(mark: str) -> None:
    assert processes.end("TOOLKIT_MARK", mark)


def test_this_process_is_never_among_them(mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, value = next(
        (name, value) for name, value in psutil.Process().environ().items() if value
    )
    assert os.getpid() not in {process.pid for process in processes.marked(name, value)}


def test_a_second_command_waits_for_the_first(tmp_path: Path) -> None:
    path, told, order = tmp_path / "lock", list[str](), list[str]()

    def second() -> None:
        with held(path, "it", told.append):
            order.append("second")

    with held(path, "it", quiet):
        waiting = threading.Thread(target=second)
        waiting.start()
        while not told:
            time.sleep(0.01)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
    assert told == [f"another command (process {os.getpid()}) works on it: waiting for it …"]
    assert not path.exists()


def test_no_two_hold_the_lock_at_once(tmp_path: Path) -> None:
    path, inside, most = tmp_path / "lock", list[int](), list[int]()

    def work(number: int) -> None:
        with held(path, "it", quiet):
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.01)
            inside.remove(number)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert most == [1] * 8


def test_patience_ends_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with (
        held(path, "it", quiet),
        pytest.raises(LocalError, match=rf"\(process {os.getpid()}\) works on it: end it first"),
        held(path, "it", quiet, patience=0),
    ):
        pass


def test_a_killed_command_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    code = (
        "import os, sys; from pathlib import Path; from local.lock import held\n"
        "with held(Path(sys.argv[1]), 'it', print): os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", code, path], check=False)  # noqa: S603
    assert killed.returncode == -9
    assert path.read_text()
    with held(path, "it", quiet, patience=0):
        pass
