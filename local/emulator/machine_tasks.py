"""Lets the emulator's state machines run ECS tasks to their end; see start.py.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
"""

import json
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from local.emulator.machine_rights import check_rights, machine

RUN_TASK = "arn:aws:states:::ecs:runTask"
# The rule by which Step Functions hears of the end of a task.
RULE = "rule/StepFunctionsGetEventsForECSTaskRule"
DENIED = "ECS.AccessDeniedException"
ERROR = 400
LOOK_SECONDS = 0.1
# What a state stops when it gives up: clusters and tasks.
Started = list[tuple[str, str]]
started: ContextVar[Started | None] = ContextVar("started", default=None)
execution: ContextVar[dict[str, Any]] = ContextVar("execution")


class Tasks:
    """The integration of ECS in state machines."""

    def __init__(self, states: Any, ecs: Any, evaluator: Any) -> None:
        self._states, self._ecs, self._evaluator = states, ecs, evaluator
        self._invoke, self._run = states._invoke_resource_with_timeout, states._run_execution
        states._SERVICE_DISPATCH[RUN_TASK] = self.run
        states._invoke_resource_with_timeout = self.limited
        states._run_execution = self.execution

    def execution(self, arn: str) -> None:
        """Run an execution, whose tasks end when it is stopped."""
        before = execution.set(self._states._executions[arn])
        try:
            self._run(arn)
        finally:
            execution.reset(before)

    def limited(self, resource: str, request: Any, timeout: float) -> Any:
        """Run a task of a state that has a limit; what it started is stopped at its end."""
        mine: Started = []
        before = started.set(mine)
        try:
            return self._invoke(resource, request, timeout)
        except self._states._ExecutionError:
            self._stop(mine, "The state that ran it ended")
            raise
        finally:
            started.reset(before)

    def run(self, resource: str, request: Any) -> Any:
        """Answer `ecs:runTask`, or wait until the task has ended."""
        wait = resource.endswith(".sync")
        keys, needed = self._rights(request, wait=wait)
        check_rights(self._states, self._evaluator, DENIED, needed, keys)
        asked = {"startedBy": "AWS Step Functions", **self._states._pascal_to_camel(request)}
        status, _, body = self._ecs._ACTION_MAP["RunTask"](asked)
        answer = json.loads(body)
        if status >= ERROR:
            kind = answer.get("__type", "AmazonECSException").rpartition("#")[2]
            raise self._states._ExecutionError(f"ECS.{kind}", answer.get("message", ""))
        if not wait:
            return pascal(answer)
        arns = [task["taskArn"] for task in answer["tasks"]]
        mine = [(asked.get("cluster", "default"), arn) for arn in arns]
        limited = started.get()
        if limited is not None:
            limited.extend(mine)
        ended = [self._ended(mine, arn) for arn in arns]
        return ended[0] if len(ended) == 1 else ended

    def _ended(self, mine: Started, arn: str) -> Any:
        """Return a task's description when it has ended; fail when it did."""
        while (task := self._ecs._tasks[arn])["lastStatus"] != "STOPPED":
            if execution.get()["status"] != "RUNNING":
                self._stop(mine, "The execution that ran it was stopped")
            time.sleep(LOOK_SECONDS)
        told = pascal(self._ecs._normalize_ecs_timestamps(self._ecs._sanitize(task)))
        essential = zip(task["containers"], task["_container_essentials"], strict=True)
        # One that never started has no exit code.
        if any(each.get("exitCode") != 0 for each, counts in essential if counts):
            raise self._states._ExecutionError("States.TaskFailed", json.dumps(told))
        return told

    def _stop(self, mine: Started, reason: str) -> None:
        for cluster, arn in mine:
            self._ecs._stop_task({"cluster": cluster, "task": arn, "reason": reason})

    def _rights(self, request: Any, *, wait: bool) -> tuple[dict[str, str], Any]:
        _, _, _, region, account, *_ = machine.get()["stateMachineArn"].split(":")
        cluster = request.get("Cluster", "default").rpartition("/")[2]
        within = f"arn:aws:ecs:{region}:{account}"
        definition = self._ecs._task_defs.get(
            self._ecs._resolve_td_key(request["TaskDefinition"]), {}
        )

        def needed() -> Iterator[tuple[str, str]]:
            yield "ecs:RunTask", definition.get("taskDefinitionArn", request["TaskDefinition"])
            for role in ("executionRoleArn", "taskRoleArn"):
                if definition.get(role):
                    yield "iam:PassRole", definition[role]
            if wait:
                task = f"{within}:task/{cluster}/any"
                yield from (("ecs:StopTask", task), ("ecs:DescribeTasks", task))
                for action in ("DescribeRule", "PutRule", "PutTargets"):
                    yield f"events:{action}", f"arn:aws:events:{region}:{account}:{RULE}"

        keys = {
            "ecs:cluster": f"{within}:cluster/{cluster}",
            "iam:passedtoservice": "ecs-tasks.amazonaws.com",
        }
        return keys, needed()


def pascal(value: Any) -> Any:
    """Return what ECS's API tells with the names that Step Functions gives it."""
    if isinstance(value, list):
        return [pascal(each) for each in value]
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: pascal(each) for key, each in value.items()}
    return value
