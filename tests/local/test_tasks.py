"""Tasks of services on the local stage, as processes with the rights of their roles."""

import io
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from rich.console import Console

from local import console, logs
from local.stage import LocalStage
from tests.local.task_code import Look, alive, deployed, eventually

pytestmark = pytest.mark.local
PROGRAM = """
service("plain", definition("plain", "serve"), 0)
service("stubborn", definition("stubborn", "stubborn", stop_timeout=1), 0)
service("guarded", definition("guarded", "protected"), 0)
service("dying", definition("dying", "exit", "1"), 0)
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStage]:
    with deployed(tmp_path_factory.mktemp("tasks"), PROGRAM) as made:
        yield made


@pytest.fixture(scope="module")
def look(stage: LocalStage) -> Look:
    return Look(stage)


def running(look: Look, service: str, count: int = 1) -> list[dict[str, Any]]:
    """Scale a service, and return its tasks when they all have said that they have started."""
    look.scale(service, count)

    def started() -> Any:
        tasks = look.tasks(service)
        said = {each["task"] for each in look.heard("started")}
        return tasks if [each["taskArn"] in said for each in tasks] == [True] * count else None

    found: list[dict[str, Any]] = eventually(started)
    assert found, look.lines(service)
    return found


def gone(look: Look, service: str) -> list[dict[str, Any]]:
    """Scale a service to nothing, and return the tasks that it ever had."""
    look.scale(service, 0)
    assert eventually(lambda: not look.tasks(service))
    cluster = look.outputs["cluster"]

    def ended() -> Any:
        arns = look.ecs.list_tasks(cluster=cluster, serviceName=service, desiredStatus="STOPPED")
        tasks = look.ecs.describe_tasks(cluster=cluster, tasks=arns["taskArns"])["tasks"]
        return tasks if all(each["lastStatus"] == "STOPPED" for each in tasks) else None

    found: list[dict[str, Any]] = eventually(ended)
    assert found
    return found


def test_a_task_runs_with_its_role_and_is_denied_what_the_role_may_not(look: Look) -> None:
    (task,) = running(look, "plain")
    (said,) = look.heard("started", task=task["taskArn"])
    assert said["hello"] == "hello"
    assert said["denied"] == "AccessDenied"
    role, name = said["role"].split("/")[1:]
    assert role.startswith("task-role")
    assert name == task["taskArn"].rpartition("/")[2]
    gone(look, "plain")


def test_a_killed_task_is_replaced_by_a_new_one(look: Look) -> None:
    (task,) = running(look, "plain")
    (said,) = look.heard("started", task=task["taskArn"])
    psutil.Process(said["pid"]).kill()
    (new,) = eventually(
        lambda: [each for each in look.tasks("plain") if each["taskArn"] != task["taskArn"]]
    )
    assert eventually(lambda: look.heard("started", task=new["taskArn"]))
    old = look.task(task["taskArn"])
    assert old["lastStatus"] == "STOPPED"
    assert old["stopCode"] == "EssentialContainerExited"
    assert old["containers"][0]["exitCode"] == 137
    gone(look, "plain")


def test_a_task_that_somebody_stops_is_replaced(look: Look) -> None:
    (task,) = running(look, "plain")
    look.ecs.stop_task(cluster=look.outputs["cluster"], task=task["taskArn"], reason="why not")
    assert eventually(
        lambda: [each for each in look.tasks("plain") if each["taskArn"] != task["taskArn"]]
    )
    assert eventually(lambda: look.task(task["taskArn"])["lastStatus"] == "STOPPED")
    old = look.task(task["taskArn"])
    assert (old["stopCode"], old["stoppedReason"]) == ("UserInitiated", "why not")
    gone(look, "plain")


def test_scaling_in_asks_a_task_to_end(look: Look) -> None:
    (task,) = running(look, "plain")
    gone(look, "plain")
    assert eventually(lambda: look.heard("ended", task=task["taskArn"]))
    ended = look.task(task["taskArn"])
    assert ended["containers"][0]["exitCode"] == 0
    assert ended["stopCode"] == "ServiceSchedulerInitiated"


def test_a_task_that_does_not_end_in_time_is_killed(look: Look) -> None:
    (task,) = running(look, "stubborn")
    (said,) = look.heard("started", task=task["taskArn"])
    gone(look, "stubborn")
    assert look.task(task["taskArn"])["containers"][0]["exitCode"] == 137
    assert eventually(lambda: not alive(said["pid"]))


def test_a_protected_task_is_scaled_in_when_it_no_longer_is(look: Look) -> None:
    (task,) = running(look, "guarded")
    look.scale("guarded", 0)
    assert [each["taskArn"] for each in look.tasks("guarded")] == [task["taskArn"]]
    look.sqs.send_message(QueueUrl=look.outputs["work"], MessageBody="the last")
    assert eventually(lambda: look.heard("ended", task=task["taskArn"]))
    assert look.heard("worked", task=task["taskArn"], body="the last")
    gone(look, "guarded")


def test_tasks_that_die_at_once_are_started_again(look: Look) -> None:
    look.scale("dying", 1)
    cluster = look.outputs["cluster"]

    def dead() -> list[str]:
        found: list[str] = look.ecs.list_tasks(
            cluster=cluster, serviceName="dying", desiredStatus="STOPPED"
        )["taskArns"]
        return found

    assert eventually(lambda: len(dead()) >= 3)
    tasks = look.ecs.describe_tasks(cluster=cluster, tasks=dead())["tasks"]
    assert {each["containers"][0]["exitCode"] for each in tasks} == {1}
    gone(look, "dying")


def test_what_tasks_write_is_shown(look: Look, stage: LocalStage) -> None:
    (task,) = running(look, "plain")
    page = Console(file=io.StringIO(), width=200)
    console.show(stage, page)
    assert "service:plain" in page.file.getvalue()  # type: ignore[attr-defined]
    said = Console(file=io.StringIO(), width=400)
    logs.show(stage.endpoint, "plain", said, follow=False)
    assert task["taskArn"] in said.file.getvalue()  # type: ignore[attr-defined]
    gone(look, "plain")


def test_a_new_definition_replaces_the_tasks(look: Look, stage: LocalStage) -> None:
    (task,) = running(look, "plain")
    program = stage.project / "__main__.py"
    text = program.read_text()
    program.write_text(text.replace('"plain", "serve"', '"plain", "serve", "again"'))
    changed = stage.up()
    assert changed.changes["replace"] == 1
    (new,) = eventually(
        lambda: [
            each
            for each in look.tasks("plain")
            if each["taskDefinitionArn"] != task["taskDefinitionArn"]
        ]
    )
    assert eventually(lambda: look.task(task["taskArn"])["lastStatus"] == "STOPPED")
    assert new["taskDefinitionArn"].endswith("plain:2")
    assert {op for op, count in stage.up().changes.items() if count} == {"same"}
    gone(look, "plain")


def test_the_emulators_end_is_the_tasks_end(look: Look, stage: LocalStage) -> None:
    (task,) = running(look, "stubborn")
    (said,) = look.heard("started", task=task["taskArn"])
    stage.emulator.process.kill()
    assert eventually(lambda: not alive(said["pid"]))
