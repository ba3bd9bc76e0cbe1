"""The scheduler of services, on tasks of the tests' own."""

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from local.emulator.task_protection import Protection
from local.emulator.task_services import Services


class Timers(list[float]):
    """Timers that never fire."""

    def __call__(self, seconds: float, *_: Any) -> Any:
        self.append(seconds)
        return SimpleNamespace(start=lambda: None)


class Ecs:
    """The emulator's services, of which one is there."""

    def __init__(self) -> None:
        self.stopped: list[str] = []
        self.ran: list[Any] = []
        self._ACTION_MAP: dict[str, Any] = {}
        self._tasks: dict[str, Any] = {}
        self.service = {
            "serviceName": "s",
            "clusterArn": "c",
            "status": "ACTIVE",
            "desiredCount": 1,
            "deployments": [{"id": "d"}],
        }
        self._services = {"c/s": self.service}
        self._run_task = self.ran.append
        self._record_service_task_failure = lambda *_, **__: None
        self._reconcile_service_tasks = lambda *_: None
        self._complete_service_deployment = lambda *_, **__: None
        self._delete_service: Any = self._deleted

    def status(self) -> Any:
        return self.service["status"]

    def _deleted(self, _data: Any) -> str:
        self.service["status"] = "INACTIVE"
        return "deleted"

    def _primary_deployment(self, service: Any) -> Any:
        return service["deployments"][0]

    def _cluster_name_from_arn(self, arn: str) -> str:
        return arn

    def _stop_task(self, data: Any) -> None:
        self.stopped.append(data["task"])

    def json_response(self, told: Any) -> Any:
        return told

    def task(self, arn: str, seconds_ago: float = 0, **more: Any) -> dict[str, Any]:
        at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
        self._tasks[arn] = {
            "taskArn": arn,
            "clusterArn": "c",
            "group": "service:s",
            "createdAt": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
            "lastStatus": "RUNNING",
            "desiredStatus": "RUNNING",
            "_deployment_id": "d",
            **more,
        }
        made: dict[str, Any] = self._tasks[arn]
        return made


@pytest.fixture
def ecs() -> Ecs:
    return Ecs()


@pytest.fixture
def services(ecs: Ecs) -> Services:
    return Services(ecs, Protection())


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> Timers:
    made = Timers()
    monkeypatch.setattr(threading, "Timer", made)
    return made


def test_the_pause_before_the_next_task_doubles_up_to_a_minute(
    ecs: Ecs, services: Services, timers: Timers
) -> None:
    for _ in range(8):
        services.fail(ecs.task("t"))
    assert timers == [1, 2, 4, 8, 16, 32, 60, 60]
    services.run({"_deploymentId": "d"})
    assert ecs.ran == []
    services.run({"_deploymentId": "another"})
    assert ecs.ran == [{"_deploymentId": "another"}]


def test_a_task_that_lived_for_a_while_is_replaced_at_once(
    ecs: Ecs, services: Services, timers: Timers
) -> None:
    services.fail(ecs.task("t"))
    services.fail(ecs.task("t", seconds_ago=11))
    services.run({"_deploymentId": "d"})
    assert ecs.ran == [{"_deploymentId": "d"}]
    services.fail(ecs.task("t"))
    assert timers == [1, 1]


def test_a_task_of_no_service_is_nobodys_failure(
    ecs: Ecs, services: Services, timers: Timers
) -> None:
    services.fail(ecs.task("t", group=""))
    assert timers == []


def test_scaling_in_ends_the_newest_that_are_not_protected(ecs: Ecs, services: Services) -> None:
    for arn, age in (("old", 30), ("middle", 20), ("new", 10), ("newest", 5)):
        ecs.task(arn, age)
    ecs.task("stopping", 1, desiredStatus="STOPPED")
    ecs.task("before", 90, _deployment_id="e")
    services.protection.put(ecs._tasks["newest"], wanted=True)
    services.protection.put(ecs._tasks["middle"], wanted=True)
    ecs.service["desiredCount"] = 2
    services.reconcile("c", "c/s")
    assert ecs.stopped == ["new", "old"]


def test_what_is_protected_stays_however_few_are_wanted(ecs: Ecs, services: Services) -> None:
    services.protection.put(ecs.task("t"), wanted=True)
    ecs.service["desiredCount"] = 0
    services.reconcile("c", "c/s")
    assert ecs.stopped == []


def test_a_deleted_service_drains_until_its_tasks_have_ended(ecs: Ecs, services: Services) -> None:
    task = ecs.task("t", lastStatus="STOPPING")
    assert services.delete({}) == "deleted"
    assert ecs.status() == "DRAINING"
    task["lastStatus"] = "STOPPED"
    services.stopped(task)
    assert ecs.status() == "INACTIVE"


def test_a_deleted_service_without_tasks_is_gone_at_once(ecs: Ecs, services: Services) -> None:
    services.delete({})
    assert ecs.status() == "INACTIVE"
