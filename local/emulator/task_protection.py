"""Tasks that are not to be scaled in or replaced, until they say so or their time has passed.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

MINUTES, MOST_MINUTES = 120, 2_880


class Protection:
    """Which tasks of services are protected, and until when."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self.ended: Callable[[dict[str, Any]], None] = lambda _: None
        """What is done when a task is no longer protected."""

    def holds(self, arn: str) -> bool:
        """Whether a task is protected."""
        return self._until.get(arn, 0) > time.time()

    def put(self, task: dict[str, Any], *, wanted: bool, minutes: int | None = None) -> str:
        """Protect a task, or no longer; return the reason why it cannot be, or nothing."""
        arn, minutes = task["taskArn"], minutes or MINUTES
        if not task["group"].startswith("service:"):
            return "TASK_NOT_VALID"
        if not 1 <= minutes <= MOST_MINUTES:
            return f"expiresInMinutes is {minutes}: allowed are 1 to {MOST_MINUTES}"
        if wanted:
            self._until[arn] = time.time() + minutes * 60
            timer = threading.Timer(minutes * 60, self._look, [task])
            timer.daemon = True
            timer.start()
        elif arn in self._until:
            del self._until[arn]
            self.ended(task)
        return ""

    def told(self, arn: str) -> dict[str, Any]:
        """Return what the agent's endpoint tells of a task."""
        if not self.holds(arn):
            return {"ProtectionEnabled": False, "TaskArn": arn}
        until = datetime.fromtimestamp(self._until[arn], UTC)
        return {
            "ExpirationDate": f"{until:%Y-%m-%dT%H:%M:%S}.000Z",
            "ProtectionEnabled": True,
            "TaskArn": arn,
        }

    def _look(self, task: dict[str, Any]) -> None:
        # It may have been protected anew meanwhile.
        if task["taskArn"] in self._until and not self.holds(task["taskArn"]):
            del self._until[task["taskArn"]]
            self.ended(task)


def serve(ecs: Any, protection: Protection) -> None:
    """Let ECS's own API protect tasks and tell of it."""

    def answer(data: dict[str, Any], *, update: bool) -> Any:
        protected, failures = [], []
        cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
        listed = data.get("tasks") or []
        for name in listed:
            task = ecs._resolve_task(name, cluster)
            if task is None or task["lastStatus"] == "STOPPED":
                failures.append({"arn": name, "reason": "MISSING"})
                continue
            refusal = update and protection.put(
                task, wanted=data["protectionEnabled"], minutes=data.get("expiresInMinutes")
            )
            if refusal:
                failures.append({"arn": task["taskArn"], "reason": refusal})
                continue
            protected.append(_shown(protection, task["taskArn"]))
        return ecs.json_response({"protectedTasks": protected, "failures": failures})

    ecs._ACTION_MAP["UpdateTaskProtection"] = lambda data: answer(data, update=True)
    ecs._ACTION_MAP["GetTaskProtection"] = lambda data: answer(data, update=False)


def _shown(protection: Protection, arn: str) -> dict[str, Any]:
    told = protection.told(arn)
    shown = {"taskArn": arn, "protectionEnabled": told["ProtectionEnabled"]}
    if "ExpirationDate" in told:
        shown["expirationDate"] = datetime.fromisoformat(told["ExpirationDate"]).timestamp()
    return shown
