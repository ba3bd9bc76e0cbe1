"""The life of a local stage on the genuine engine, with a small program of its own."""

from pathlib import Path

import pytest

from local.aws import client
from local.errors import LocalError
from local.stage import LocalStage
from tests.local.small import processes, queues, write

pytestmark = pytest.mark.local


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


def test_a_second_up_is_quick_and_keeps_what_is_in_the_emulator(stage: LocalStage) -> None:
    stage.up()
    sqs, url = client(stage.endpoint, "sqs"), stage.outputs()["url"]
    sqs.send_message(QueueUrl=url, MessageBody="kept")
    assert stage.up().changes == {"same": 2}
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "kept"


def test_the_users_account_is_out_of_reach(
    stage: LocalStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "theirs")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://theirs")
    assert stage.up().changes == {"create": 2}
    monkeypatch.undo()
    assert queues(stage) == ["one"]


def test_a_preview_of_a_stage_that_is_up_tells_what_would_change(
    stage: LocalStage, project: Path
) -> None:
    stage.up()
    write(project, timeout=60)
    planned = stage.preview()
    assert planned.operations == {"same": 1, "update": 1}
    (step,) = [step for step in planned.steps if step.op == "update"]
    assert (step.name, step.changed) == ("one", ("visibilityTimeoutSeconds",))
    assert stage.up().changes == {"same": 1, "update": 1}


def test_there_is_nothing_to_look_at_before_up(stage: LocalStage) -> None:
    with pytest.raises(LocalError, match="not up: run `make up`"):
        stage.outputs()
