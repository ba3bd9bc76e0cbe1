"""The scheduler of the emulator's services, with what AWS's does besides; see tasks.py.

- Tasks that are protected are neither scaled in nor replaced by a deployment.
- A task that dies soon after its start is replaced after a pause, which grows each time.
- A service that is deleted is draining until its last task has ended.
"""

import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.emulator.task_protection import Protection

# A task that lived longer than this is replaced at once.
SOON_SECONDS = 10
FIRST_SECONDS, MOST_SECONDS = 1.0, 60.0
_at_work: ContextVar[bool] = ContextVar("at_work", default=False)


@dataclass
class Pause:
    """How long a deployment's next task has to wait."""

    seconds: float = 0
    until: float = 0


class Services:
    """Takes the place of the emulator's functions of services, and calls them."""

    def __init__(self, ecs: Any, protection: Protection) -> None:
        self._ecs, self.protection = ecs, protection
        # The emulator counts tasks and starts those that are missing: one at a time.
        self._turn = threading.RLock()
        self._pauses: dict[str, Pause] = {}
        self._reconcile, self._complete = (
            ecs._reconcile_service_tasks,
            ecs._complete_service_deployment,
        )
        self._run, self._fail = ecs._run_task, ecs._record_service_task_failure
        self._delete: Callable[[Any], Any] = ecs._delete_service
        ecs._reconcile_service_tasks = self.reconcile
        ecs._complete_service_deployment = self.complete
        # What an API call runs, or a workflow, comes by another way.
        ecs._run_task = self.run
        ecs._record_service_task_failure = self.fail
        ecs._ACTION_MAP["DeleteService"] = self.delete
        protection.ended = self.look

    @property
    def at_work(self) -> bool:
        """Whether it is the scheduler that calls."""
        return _at_work.get()

    def reconcile(self, cluster: str, key: str) -> None:
        """Start and stop tasks until a service has what it is to have."""
        with self._turn:
            self._alone(self._reconcile, cluster, key)
            self._alone(self._scale_in, cluster, key)

    def complete(self, cluster: str, key: str, *rest: Any, **options: Any) -> None:
        """End a deployment, which stops the tasks of the one before it."""
        self._alone(self._complete, cluster, key, *rest, **options)

    def look(self, task: Any) -> None:
        """Reconcile the service of a task."""
        _, _, _, region, account, _ = task["taskArn"].split(":", 5)
        with self._ecs.request_scope(account, region):
            cluster = self._ecs._cluster_name_from_arn(task["clusterArn"])
            self.reconcile(cluster, f"{cluster}/{task['group'].partition(':')[2]}")

    def run(self, data: Any) -> Any:
        """Start a service's tasks, or later, when those before them died soon."""
        deployment = data.get("_deploymentId")
        pause = self._pauses.get(deployment)
        left = pause.until - time.monotonic() if pause else 0
        if left <= 0:
            return self._run(data)
        return self._ecs.json_response({"tasks": [], "failures": []})

    def fail(self, task: Any, *rest: Any, **options: Any) -> None:
        """Take note of a task that died by itself."""
        if not task["group"].startswith("service:"):
            return
        pause = self._pauses.setdefault(task.get("_deployment_id", ""), Pause())
        lived = datetime.now(UTC) - datetime.fromisoformat(task["createdAt"])
        if lived.total_seconds() > SOON_SECONDS:
            pause.seconds = pause.until = 0
        else:
            pause.seconds = min(MOST_SECONDS, 2 * pause.seconds or FIRST_SECONDS)
            pause.until = time.monotonic() + pause.seconds
            timer = threading.Timer(pause.seconds, self.look, [task])
            timer.daemon = True
            timer.start()
        self._fail(task, *rest, **options)

    def delete(self, data: Any) -> Any:
        """Delete a service, which is inactive when its tasks have ended."""
        answer = self._delete(data)
        for service in self._ecs._services.values():
            if service["status"] == "INACTIVE" and self._living(service):
                service["status"] = "DRAINING"
                # They may have ended just now.
                self._drained(service)
        return answer

    def stopped(self, task: Any) -> None:
        """Take note of a task that has been stopped."""
        cluster = self._ecs._cluster_name_from_arn(task["clusterArn"])
        service = self._ecs._services.get(f"{cluster}/{task['group'].partition(':')[2]}")
        if service and service["status"] == "DRAINING":
            self._drained(service)

    def _drained(self, service: Any) -> None:
        if not self._living(service):
            service["status"] = "INACTIVE"

    def _living(self, service: Any) -> list[Any]:
        return [
            task
            for task in self._ecs._tasks.values()
            if task["group"] == f"service:{service['serviceName']}"
            and task["clusterArn"] == service["clusterArn"]
            and task["lastStatus"] != "STOPPED"
        ]

    def _scale_in(self, cluster: str, key: str) -> None:
        """Stop what is not protected, where the emulator chose what is."""
        service = self._ecs._services.get(key)
        if not service or service["status"] != "ACTIVE":
            return
        primary = self._ecs._primary_deployment(service) or {}
        current = [
            task
            for task in self._living(service)
            if task["desiredStatus"] != "STOPPED" and task["_deployment_id"] == primary.get("id")
        ]
        free = [task for task in current if not self.protection.holds(task["taskArn"])]
        excess = len(current) - service["desiredCount"]
        newest = sorted(free, key=lambda task: str(task["createdAt"]), reverse=True)
        for task in newest[: max(0, excess)]:
            reason = "Service scaling down"
            self._ecs._stop_task({"task": task["taskArn"], "cluster": cluster, "reason": reason})

    @staticmethod
    def _alone(do: Callable[..., None], *args: Any, **options: Any) -> None:
        before = _at_work.set(True)
        try:
            do(*args, **options)
        finally:
            _at_work.reset(before)
