"""The life of a local stage on the genuine engine, with a small program of its own."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from local.aws import client
from local.errors import LocalError
from local.stage import LocalStage

pytestmark = pytest.mark.local
PROGRAM = """
import pulumi
import pulumi_aws as aws

queue = aws.sqs.Queue("{name}", visibility_timeout_seconds={timeout})
for number in range({more}):
    aws.sqs.Queue(f"more-{{number}}")
pulumi.export("url", queue.url)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (folder / "Pulumi.local.yaml").write_text("config:\n  aws:region: us-east-1\n")
    write(folder)
    return folder


def write(project: Path, name: str = "one", timeout: int = 30, more: int = 0) -> None:
    text = PROGRAM.format(name=name, timeout=timeout, more=more)
    (project / "__main__.py").write_text(text)


@pytest.fixture
def stage(project: Path, tmp_path: Path) -> Iterator[LocalStage]:
    made = LocalStage(state=tmp_path / "state", project=project, report=lambda _: None)
    yield made
    made.down()


def processes(stage: LocalStage) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("TMPDIR", "").startswith(str(stage.state)):
                found.append(process)
        except psutil.Error:
            continue
    return found


def queues(stage: LocalStage) -> list[str]:
    urls = client(stage.endpoint, "sqs").list_queues().get("QueueUrls", [])
    return sorted(url.rsplit("/", 1)[1].rsplit("-", 1)[0] for url in urls)


def test_a_second_up_changes_nothing(stage: LocalStage) -> None:
    assert stage.up().changes == {"create": 2}
    assert stage.up().changes == {"same": 2}


def test_an_edit_updates_in_place_and_a_rename_replaces(stage: LocalStage, project: Path) -> None:
    stage.up()
    url = stage.outputs()["url"]
    write(project, timeout=60)
    assert stage.up().changes == {"same": 1, "update": 1}
    assert stage.outputs()["url"] == url
    write(project, name="two", timeout=60)
    assert stage.up().changes == {"same": 1, "create": 1, "delete": 1}
    assert queues(stage) == ["two"]


def test_drift_shows_on_refresh_and_up_mends_it(stage: LocalStage) -> None:
    stage.up()
    assert stage.refresh() == {"same": 2}
    sqs, url = client(stage.endpoint, "sqs"), stage.outputs()["url"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "99"})
    assert stage.refresh() == {"same": 1, "update": 1}
    assert stage.up().changes == {"same": 1, "update": 1}
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    assert found["Attributes"]["VisibilityTimeout"] == "30"


def test_what_is_gone_shows_on_refresh_and_up_makes_it_again(stage: LocalStage) -> None:
    stage.up()
    client(stage.endpoint, "sqs").delete_queue(QueueUrl=stage.outputs()["url"])
    assert stage.refresh()["delete"] == 1
    assert stage.up().changes == {"same": 1, "create": 1}


def test_destroy_leaves_nothing_in_the_emulator(stage: LocalStage) -> None:
    stage.up()
    stage.destroy()
    assert queues(stage) == []


def test_down_leaves_no_process_and_no_file_and_can_be_repeated(stage: LocalStage) -> None:
    stage.up()
    assert processes(stage)
    stage.down()
    assert not processes(stage)
    assert not stage.state.exists()
    stage.down()


def test_no_file_of_the_project_is_changed(stage: LocalStage, project: Path) -> None:
    before = {path: path.read_text() for path in project.rglob("*") if path.suffix != ".pyc"}
    stage.up()
    after = {path: path.read_text() for path in project.rglob("*") if path.suffix == ".yaml"}
    assert after.items() <= before.items()


def test_a_killed_emulator_is_replaced(stage: LocalStage) -> None:
    stage.up()
    for process in processes(stage):
        process.kill()
    with pytest.raises(LocalError, match="not up: run `make up`"):
        stage.outputs()
    assert stage.up().changes == {"create": 2}
    assert queues(stage) == ["one"]


def test_two_stages_run_side_by_side(stage: LocalStage, project: Path, tmp_path: Path) -> None:
    other = LocalStage(state=tmp_path / "other", project=project, report=lambda _: None)
    try:
        stage.up()
        other.up()
        assert stage.endpoint != other.endpoint
        other.destroy()
        assert queues(stage) == ["one"]
        other.down()
        assert queues(stage) == ["one"]
    finally:
        other.down()


def test_a_mistake_of_the_program_is_told_without_a_trace(
    stage: LocalStage, project: Path
) -> None:
    (project / "__main__.py").write_text("import pulumi\nraise pulumi.RunError('no such key')\n")
    with pytest.raises(LocalError, match="no such key") as caught:
        stage.up()
    assert "Traceback" not in str(caught.value)


COMMAND = """
import sys
from pathlib import Path
from local.stage import LocalStage
LocalStage(state=Path(sys.argv[1]), project=Path(sys.argv[2])).up()
"""


def started(stage: LocalStage) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", COMMAND, str(stage.state), str(stage.project)]
    return subprocess.Popen(command, start_new_session=True, stdout=-3, stderr=-3)  # noqa: S603


def wait_for(condition: Callable[[], bool], running: subprocess.Popen[bytes]) -> None:
    while not condition() and running.poll() is None:
        time.sleep(0.01)


def kill(running: subprocess.Popen[bytes]) -> None:
    for process in [*psutil.Process(running.pid).children(recursive=True)]:
        if "ministack" not in process.cmdline():
            process.kill()
    running.kill()
    running.wait()


def locked(stage: LocalStage) -> bool:
    locks = stage.state / "engine/state/.pulumi/locks"
    return any(path.is_file() for path in locks.rglob("*"))


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


def test_a_second_command_is_told_to_wait(stage: LocalStage) -> None:
    with stage._alone(), pytest.raises(LocalError, match="another command is working"):
        stage.up()


def test_there_is_nothing_to_look_at_before_up(stage: LocalStage) -> None:
    with pytest.raises(LocalError, match="not up: run `make up`"):
        stage.outputs()
