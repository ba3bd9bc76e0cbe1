"""The emulator as a process: what is recorded, what counts as alive, what is stopped."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from local.emulator.process import Emulator, _process
from local.emulator.settings import settings
from local.errors import LocalError


def recorded(folder: Path, *, pid: int, create_time: float, port: int = 1) -> Emulator:
    folder.mkdir(exist_ok=True)
    content = {"pid": pid, "create_time": create_time, "port": port}
    (folder / "process.json").write_text(json.dumps(content))
    return Emulator(folder)


def test_without_a_record_it_is_not_alive_and_stopping_does_nothing(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path)
    assert not emulator.alive()
    emulator.stop()
    with pytest.raises(LocalError, match="not up: run `make up`"):
        _ = emulator.endpoint
    with pytest.raises(LocalError, match="not up: run `make up`"):
        _ = emulator.process


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', '{"pid": 1, "created": 2}'])
def test_a_record_that_cannot_be_read_counts_for_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "process.json").write_text(content)
    assert not Emulator(tmp_path).alive()


def test_another_process_with_the_same_id_is_not_the_emulator(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        created = psutil.Process(other.pid).create_time()
        emulator = recorded(tmp_path, pid=other.pid, create_time=created - 3_600)
        assert not emulator.alive()
        emulator.stop()
        assert other.poll() is None
        other.kill()


def test_the_clock_may_have_been_set_a_little(tmp_path: Path) -> None:
    created = psutil.Process().create_time()
    for drift, same in ((0.0, True), (1.0, True), (-1.0, True), (60.0, False)):
        emulator = recorded(tmp_path, pid=os.getpid(), create_time=created + drift)
        record = emulator._read()
        assert record
        assert (_process(record) is not None) is same


def test_without_its_environment_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="run `make setup`"):
        Emulator(tmp_path, python=tmp_path / "python").start()


def test_a_start_that_fails_tells_why_and_leaves_no_process(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho no such module >&2\nexit 1\n")
    python.chmod(0o755)
    emulator = Emulator(tmp_path / "emulator", python=python)
    with pytest.raises(LocalError, match=r"(?s)did not start.*no such module"):
        emulator.start()
    assert not (tmp_path / "emulator/process.json").exists()


def test_nothing_of_the_users_environment_but_path_gets_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "theirs")
    monkeypatch.setenv("SECRET", "theirs")
    told = settings(tmp_path, tmp_path / "tmp", 1234)
    assert "theirs" not in told.values()
    assert told["PATH"] == os.environ["PATH"]
    assert told["AUTH"] == "true"
    assert told["BIND_HOST"] == "127.0.0.1"
    assert "CHAOS" not in told
    more = settings(tmp_path, tmp_path / "tmp", 1234, {"CHAOS": "here", "SFN_WAIT_SCALE": "1"})
    assert more == {**told, "CHAOS": "here", "SFN_WAIT_SCALE": "1"}


@pytest.mark.local
def test_it_listens_on_loopback_only_and_outlives_who_started_it(emulator: Emulator) -> None:
    port = int(emulator.endpoint.rsplit(":", 1)[1])
    record = emulator._read()
    assert record
    process = psutil.Process(record.pid)
    assert process.ppid() != os.getpid()
    listening = {
        each.laddr.ip for each in process.net_connections("tcp") if each.status == "LISTEN"
    }
    assert listening == {"127.0.0.1"}
    assert httpx.get(f"http://127.0.0.1:{port}/_ministack/health").is_success


@pytest.mark.local
def test_a_killed_emulator_is_gone_and_another_can_start(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path)
    try:
        emulator.start()
        record = emulator._read()
        assert record
        os.kill(record.pid, signal.SIGKILL)
        assert not emulator.alive()
        emulator.start()
        assert emulator.alive()
    finally:
        emulator.stop()
    assert not emulator.alive()
