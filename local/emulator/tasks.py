"""Lets the emulator's ECS run tasks, which are processes here; see start.py.

The emulator keeps tasks, services and deployments, and starts containers by Docker. It is given
processes in their place. A task that is stopped has the time that its definition gives it to end,
is shown as stopping meanwhile, and tells its exit code.
"""

import json
from collections.abc import Callable
from typing import Any

from local.emulator.task_agent import Agent
from local.emulator.task_processes import Processes
from local.emulator.task_protection import Protection, serve
from local.emulator.task_services import Services

# What IAM compares the calls with, which name a cluster besides.
BY_TASK_DEFINITION = {"RunTask", "StartTask"}
BY_TASK = {
    *("DescribeTasks", "ExecuteCommand", "GetTaskProtection", "StopTask"),
    "UpdateTaskProtection",
}
BY_SERVICE = {"DeleteService", "DescribeServices", "UpdateService"}


def run_tasks(*, ecs: Any, metadata: Any, iam: Any, sts: Any, evaluator: Any) -> None:
    """Put processes in the place of containers, and add what the emulator leaves out."""
    protection = Protection()
    agent = Agent(
        ecs=ecs, metadata=metadata, iam=iam, sts=sts, evaluator=evaluator, protection=protection
    )
    processes = Processes()
    _start(ecs, agent, processes)
    services = Services(ecs, protection)
    Stops(ecs, processes, services)
    serve(ecs, protection)


def _start(ecs: Any, agent: Agent, processes: Processes) -> None:
    register = ecs._register_metadata

    def register_metadata(
        task_arn: str, cluster_arn: str, definition: Any, container: Any, kind: str, *rest: Any
    ) -> str:
        given, *_ = rest
        own = dict(given)
        token: str = register(task_arn, cluster_arn, definition, container, kind, *rest)
        # Not what it says of itself there: those addresses are Docker's.
        given.clear()
        given.update(own, **agent.variables(token, task_arn))
        return token

    def settings(container: Any, _definition: Any, given: Any, *rest: Any) -> dict[str, Any]:
        *_, task_id, _, _, _ = rest
        logs = ecs._awslogs_config(container, task_id, task_id)
        if logs and not ecs._ensure_awslogs_stream(logs):
            raise ValueError(f"log group {logs['group']} does not exist")
        return {"definition": container, "given": given}

    ecs._get_docker = lambda: processes
    ecs._register_metadata = register_metadata
    ecs._build_run_kwargs = settings
    # There are no images that a deployment would have to look up first.
    ecs._deployment_needs_first_task = lambda *_: False
    ecs._prepare_service_images = lambda *_: None


class Stops:
    """How tasks end."""

    def __init__(self, ecs: Any, processes: Processes, services: Services) -> None:
        self._ecs, self._processes, self._services = ecs, processes, services
        self._clean: Callable[..., None] = ecs._cleanup_task_resources
        ecs._stop_task = ecs._ACTION_MAP["StopTask"] = self.stop
        ecs._cleanup_task_resources = self.clean

    def stop(self, data: dict[str, Any]) -> Any:
        """Begin to stop a task; one that is protected stays, if it is the scheduler that asks."""
        ecs, refused = self._ecs, ecs_error(self._ecs)
        cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
        if cluster is None:
            return refused("ClusterNotFoundException", "Cluster not found.")
        task = ecs._resolve_task(data.get("task", ""), cluster)
        if not task:
            return refused("InvalidParameterException", "The referenced task was not found.")
        scheduled = self._services.at_work
        if not (scheduled and self._services.protection.holds(task["taskArn"])):
            code = "ServiceSchedulerInitiated" if scheduled else "UserInitiated"
            self._begin(task, data.get("reason", "Task stopped by user"), code)
        return ecs.json_response({"task": ecs._sanitize(task)})

    def clean(self, task: Any, _client: Any, extra: Any = None) -> None:
        """Remove what is left of a task whose essential container has ended."""
        ids = list(task.get("_docker_ids") or ())
        self._clean(task, self._processes, extra)
        self._processes.forget(ids)

    def _begin(self, task: Any, reason: str, code: str) -> None:
        ecs, arn = self._ecs, task["taskArn"]
        with ecs.resource_lock("ecs-task", arn):
            if not ecs._task_is_active(arn, task):
                return
            ecs._bump_task_version(task)
            now = ecs._iso()
            task.update(
                desiredStatus="STOPPED",
                lastStatus="STOPPING",
                stoppingAt=now,
                stoppedReason=reason,
                stopCode=code,
            )
        self._tell(task, "STOPPING")
        ecs.spawn_background(self._finish, task, thread_name=f"stop-{arn[-8:]}")
        # One that somebody else stops is replaced.
        if code == "UserInitiated" and task["group"].startswith("service:"):
            self._services.look(task)

    def _finish(self, task: Any) -> None:
        ecs, arn = self._ecs, task["taskArn"]
        found = [self._processes.get(id_) for id_ in list(task.get("_docker_ids") or ())]
        for each in found:
            each.ask()
        codes = []
        for each in found:
            each.stop()
            codes.append(each.wait()["StatusCode"])
        with ecs.resource_lock("ecs-task", arn):
            ecs._bump_task_version(task)
            task["lastStatus"] = "STOPPED"
            task["stoppedAt"] = task["executionStoppedAt"] = ecs._iso()
            for container in task["containers"]:
                container["lastStatus"] = "STOPPED"
            for container, code in zip(task["containers"], codes, strict=False):
                container["exitCode"] = code
        self._tell(task, "STOPPED")
        self.clean(task, None)
        self._services.stopped(task)

    def _tell(self, task: Any, status: str) -> None:
        ecs, arn = self._ecs, task["taskArn"]
        ecs.ecs_metadata.set_task_status(arn, known_status=status, desired_status="STOPPED")
        cluster = ecs._cluster_name_from_arn(task["clusterArn"])
        ecs._recount_cluster(cluster)
        ecs._refresh_service_state(cluster, task["group"])


def ecs_error(ecs: Any) -> Callable[[str, str], Any]:
    """Return what makes an answer of ECS to a call that it refuses."""

    def refuse(code: str, message: str) -> Any:
        return ecs.error_response_json(code, message, 400)

    return refuse


def decide_by_iam(ecs: Any, actions: Any) -> None:
    """Let IAM compare calls of ECS with the task, service or definition that they are about.

    The emulator compares with the cluster alone. Of a call about several, the first is compared.
    """
    resource_of, keys_of = actions.extract_resource_arn, actions.request_tag_context

    def resource(
        service: str, method: str, path: str, headers: Any, body: Any, params: Any, *rest: Any
    ) -> Any:
        if service != "ecs":
            return resource_of(service, method, path, headers, body, params, *rest)
        region, account = rest
        asked = json.loads(body or b"{}")
        kind, name = _named(str(headers.get("x-amz-target", "")).rpartition(".")[2], asked)
        if not kind:
            return resource_of(service, method, path, headers, body, params, *rest)
        if name.startswith("arn:"):
            return name
        if kind == "task-definition":
            path = ecs._resolve_td_key(name)
        else:
            path = f"{asked.get('cluster', 'default').rpartition('/')[2]}/{name}"
        return f"arn:aws:ecs:{region}:{account}:{kind}/{path}"

    def keys(service: str, action: str, body: Any, *rest: Any) -> Any:
        told = keys_of(service, action, body, *rest)
        if service != "ecs":
            return told
        cluster = json.loads(body or b"{}").get("cluster", "")
        return {**told, "ecs:cluster": cluster} if cluster.startswith("arn:") else told

    actions.extract_resource_arn, actions.request_tag_context = resource, keys


def _named(action: str, asked: dict[str, Any]) -> tuple[str, str]:
    """Return the kind of what a call is about, and its name or ARN."""
    if action in BY_TASK_DEFINITION:
        return "task-definition", asked.get("taskDefinition", "")
    if action in BY_TASK:
        return "task", asked.get("task") or next(iter(asked.get("tasks") or ()), "")
    if action in BY_SERVICE:
        return "service", asked.get("service") or next(iter(asked.get("services") or ()), "")
    return "", ""
