"""What may happen to a local stage meanwhile, and that it recovers."""

import shutil
import signal
from pathlib import Path

import psutil
import pytest

from local.aws import client
from local.errors import LocalError
from local.stage import LocalStage, Status
from tests.local.small import kill, locked, processes, queues, started, wait_for, write

pytestmark = pytest.mark.local


def test_a_killed_emulator_is_replaced(stage: LocalStage) -> None:
    stage.up()
    for process in processes(stage):
        process.kill()
    with pytest.raises(LocalError, match="not up: run `make up`"):
        stage.outputs()
    assert stage.up().changes == {"create": 2}
    assert queues(stage) == ["one"]


@pytest.mark.parametrize("then", ["up", "down"])
def test_a_killed_up_is_recovered(stage: LocalStage, project: Path, then: str) -> None:
    write(project, more=200)
    running = started(stage)
    wait_for(lambda: locked(stage) and stage.emulator.alive() and len(queues(stage)) > 20, running)
    assert running.poll() is None, "it was over before it could be killed"
    kill(running)
    if then == "up":
        assert stage.up().changes == {"create": 202}
        assert len(queues(stage)) == 201
    stage.down()
    assert not processes(stage)


def test_an_up_that_is_killed_while_the_emulator_starts_is_recovered(stage: LocalStage) -> None:
    running = started(stage)
    wait_for(lambda: bool(processes(stage)), running)
    kill(running)
    assert stage.up().changes == {"create": 2}


def test_an_interrupted_up_goes_on_where_it_was(stage: LocalStage, project: Path) -> None:
    write(project, more=200)
    running = started(stage)
    wait_for(lambda: locked(stage) and stage.emulator.alive() and len(queues(stage)) > 20, running)
    assert running.poll() is None, "it was over before it could be interrupted"
    for process in (psutil.Process(running.pid), *psutil.Process(running.pid).children()):
        if "ministack" not in process.cmdline():
            process.send_signal(signal.SIGINT)
    running.wait()
    stage.up()
    assert len(queues(stage)) == 201


def test_two_ups_at_once_do_not_clash(stage: LocalStage) -> None:
    both = [started(stage), started(stage)]
    assert [running.wait() for running in both] == [0, 0]
    assert queues(stage) == ["one"]
    assert stage.up().changes == {"same": 2}


@pytest.mark.parametrize("then", ["up", "down"])
def test_an_up_whose_command_alone_is_killed_is_recovered(
    stage: LocalStage, project: Path, then: str
) -> None:
    write(project, more=200)
    running = started(stage)
    wait_for(lambda: locked(stage) and stage.emulator.alive() and len(queues(stage)) > 20, running)
    running.kill()
    running.wait()
    # Its engine and the functions' provider are in unknown states: nobody may be left over.
    if then == "up":
        assert stage.up().changes == {"create": 202}
        assert len(queues(stage)) == 201
    stage.down()
    assert not processes(stage)
    assert not stage.state.exists()


def test_an_up_that_is_killed_before_it_changes_anything_costs_no_data(
    stage: LocalStage, project: Path
) -> None:
    stage.up()
    url = stage.outputs()["url"]
    client(stage.endpoint, "sqs").send_message(QueueUrl=url, MessageBody="kept")
    (project / "__main__.py").write_text("import time\ntime.sleep(60)\n")
    running = started(stage)
    wait_for(lambda: locked(stage), running)
    kill(running)
    assert stage.status() is Status.INTERRUPTED
    write(project)
    assert stage.up().changes == {"same": 2}
    assert stage.status() is Status.UP
    (message,) = client(stage.endpoint, "sqs").receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "kept"


def test_a_deployment_that_fails_costs_no_data(stage: LocalStage, project: Path) -> None:
    stage.up()
    url = stage.outputs()["url"]
    client(stage.endpoint, "sqs").send_message(QueueUrl=url, MessageBody="kept")
    text = (project / "__main__.py").read_text()
    (project / "__main__.py").write_text(f"{text}\nraise pulumi.RunError('no such key')\n")
    with pytest.raises(LocalError, match="no such key"):
        stage.up()
    write(project, more=1)
    assert stage.up().changes == {"same": 2, "create": 1}
    (message,) = client(stage.endpoint, "sqs").receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "kept"


def test_nothing_is_left_in_home_or_with_temporary_files(
    stage: LocalStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "TMPDIR"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    running = started(stage)
    wait_for(lambda: locked(stage), running)
    kill(running)
    again = started(stage)
    assert again.wait() == 0, stage.state.with_name("said").read_text()
    stage.down()
    assert not [*(tmp_path / "HOME").iterdir(), *(tmp_path / "TMPDIR").iterdir()]


def test_status_tells_how_a_stage_is(stage: LocalStage) -> None:
    assert stage.status() is Status.DOWN
    stage.up()
    assert stage.status() is Status.UP
    stage.emulator.stop()
    assert stage.status() is Status.INTERRUPTED
    stage.down()
    assert stage.status() is Status.DOWN


def test_down_ends_what_is_left_of_a_stage_whose_files_are_gone(stage: LocalStage) -> None:
    stage.up()
    shutil.rmtree(stage.state)
    stage.down()
    assert not processes(stage)


def test_an_up_that_is_killed_while_the_stack_is_made_is_recovered(stage: LocalStage) -> None:
    stage.up()
    engine = stage.state / "engine/state/.pulumi"
    lock = engine / "locks/organization/small/local/1.json"
    # The lock of `pulumi stack init` comes before the stack.
    shutil.rmtree(engine / "stacks")
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text("{}")
    assert stage.up().changes == {"create": 2}
