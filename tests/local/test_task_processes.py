"""Processes in place of containers: what they are started with, and how they end."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.emulator import task_processes
from local.emulator.task_processes import CODE, PYTHON, Container, Processes, command
from local.emulator.task_protection import Protection

WAITS = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(15, signal.SIG_IGN); {WAITS}"
POLITE = f"import signal, sys; signal.signal(15, lambda *_: sys.exit(7)); {WAITS}"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {WAITS!r}]); {WAITS}"
LOGGED = {"logConfiguration": {"logDriver": "awslogs"}}


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def definition(code: str, **more: Any) -> dict[str, Any]:
    labels = {PYTHON: sys.executable, CODE: "/code"}
    given = {"name": "one", "entryPoint": ["python"], "command": ["-c", code]}
    return {**given, "dockerLabels": labels, **LOGGED, **more}


def ended(container: Container) -> int:
    list(container.logs())
    return container.wait()["StatusCode"]


def began(container: Container) -> None:
    assert next(container.logs()) == b"up\n"


def test_a_command_is_run_by_the_projects_python() -> None:
    assert command(definition("pass")) == [sys.executable, "-c", "pass"]
    assert command({"name": "one", "command": ["/bin/true"]}) == ["/bin/true"]


def test_a_command_that_only_an_image_would_tell_is_missing() -> None:
    with pytest.raises(ValueError, match="container one has no command"):
        command({"name": "one", "command": []})


def test_a_process_has_its_own_environment_and_folder(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the emulator's")
    code = "import json, os; print(json.dumps([dict(os.environ), os.getcwd()]))"
    container = Processes().run("image", definition=definition(code), given={"A": "1"})
    environment, folder = json.loads(next(container.logs()))
    assert (environment["A"], environment["PYTHONPATH"]) == ("1", "/code")
    assert environment["TMPDIR"] == str(scratch)
    assert "AWS_ACCESS_KEY_ID" not in environment
    assert Path(folder).parent == scratch
    assert ended(container) == 0
    end = time.monotonic() + 10
    while Path(folder).exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert not Path(folder).exists()


def test_an_exit_code_is_told() -> None:
    container = Container(definition("import sys; sys.exit(3)"), {})
    assert ended(container) == 3
    assert container.status == "exited"


def test_a_command_that_is_not_there_is_told_as_a_shell_does() -> None:
    container = Container({"name": "one", "command": ["/no/such"], **LOGGED}, {})
    assert b"/no/such" in next(container.logs())
    assert ended(container) == 127


def test_a_process_is_asked_to_end() -> None:
    container = Container(definition(POLITE), {})
    began(container)
    assert container.status == "running"
    container.stop()
    assert ended(container) == 7


def test_a_process_that_does_not_listen_is_killed_in_the_end() -> None:
    container = Container(definition(STUBBORN, stopTimeout=0.2), {})
    began(container)
    container.stop()
    assert ended(container) == 137


def test_one_that_knows_no_signals_ends_by_the_first() -> None:
    container = Container(definition(WAITS), {})
    began(container)
    container.ask()
    assert ended(container) == 143


def test_what_a_process_started_ends_with_it() -> None:
    container = Container(definition(PARENT), {})
    began(container)
    began(container)
    family = psutil.Process(container._process.pid).children(recursive=True)
    assert len(family) == 2
    family[0].kill()
    # All that could write has ended when nothing more is to be read.
    assert ended(container) == 137
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive


def test_it_ends_with_who_started_it() -> None:
    code = (
        "import sys; from local.emulator.task_processes import Container\n"
        f"container = Container({definition(STUBBORN)!r}, {{}})\n"
        "next(container.logs()); print(container._process.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout
        family = [psutil.Process(int(starter.stdout.readline()))]
        family += family[0].children()
        starter.kill()
    assert len(family) == 2
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive


def test_containers_that_run_are_listed() -> None:
    processes = Processes()
    one = processes.containers.run("image", definition=definition(WAITS), given={})
    assert processes.get(one.id) is one
    assert processes.list() == [one]
    one.stop()
    assert ended(one) == 143
    assert processes.list() == []
    processes.forget([one.id])
    with pytest.raises(KeyError):
        processes.get(one.id)


def test_the_guard_needs_nothing_but_python() -> None:
    command_ = [sys.executable, "-I", "-S", str(task_processes.GUARD), "true"]
    path = {"PATH": os.defpath}
    with subprocess.Popen(command_, stdin=subprocess.PIPE, env=path) as guard:  # noqa: S603
        assert guard.wait() == 0


def test_a_protected_task_is_protected_until_it_says_so() -> None:
    protection, told = Protection(), list[str]()
    protection.ended = lambda task: told.append(task["taskArn"])
    task = {"taskArn": "t", "group": "service:s"}
    assert not protection.holds("t")
    assert protection.put(task, wanted=True, minutes=5) == ""
    assert protection.holds("t")
    assert protection.told("t")["ProtectionEnabled"]
    assert protection.put(task, wanted=False) == ""
    assert not protection.holds("t")
    assert told == ["t"]


def test_only_a_services_task_is_protected_and_for_no_longer_than_two_days() -> None:
    protection = Protection()
    assert protection.put({"taskArn": "t", "group": ""}, wanted=True) == "TASK_NOT_VALID"
    service = {"taskArn": "t", "group": "service:s"}
    assert "allowed are 1 to 2880" in protection.put(service, wanted=True, minutes=2_881)
    assert "allowed are 1 to 2880" in protection.put(service, wanted=True, minutes=-1)
    assert not protection.holds("t")
