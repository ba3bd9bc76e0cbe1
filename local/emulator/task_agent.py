"""What a task finds beside itself: its metadata, its role's credentials, its protection.

On loopback, at the addresses that are in its environment:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
"""

import asyncio
import json
import threading
from collections.abc import Callable
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.emulator.roles import allows, session, trusts
from local.emulator.task_protection import Protection

SERVICE = "ecs-tasks.amazonaws.com"
PROTECTION = "task-protection/v1/state"
# Of a server that nobody stops: how often it looks whether it is to stop.
LOOK_SECONDS = 3_600
Answer = tuple[int, Any]


class Agent:
    """Serves the tasks that run; a task shows by its token who it is."""

    def __init__(
        self,
        *,
        ecs: Any,
        metadata: Any,
        iam: Any,
        sts: Any,
        evaluator: Any,
        protection: Protection,
    ) -> None:
        self._ecs, self._metadata, self._iam, self._sts = ecs, metadata, iam, sts
        self._evaluator, self._protection = evaluator, protection

    def variables(self, token: str, task_arn: str) -> dict[str, str]:
        """Return what goes into a task's environment.

        Raises:
            PermissionError: when its role does not let tasks assume it.
        """
        region, role = task_arn.split(":")[3], self._role(task_arn)
        given = {
            "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "ECS_CONTAINER_METADATA_URI_V4": f"{self._address}/v4/{token}",
            "ECS_AGENT_URI": f"{self._address}/api/{token}",
        }
        if not role:
            return given
        if not trusts(self._evaluator, self._iam, role, SERVICE, task_arn):
            raise PermissionError(f"ECS was unable to assume the role {role!r} of the task")
        return {
            **given,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{self._address}/credentials/{token}",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
        }

    def answer(self, method: str, path: str, asked: str, body: bytes) -> Answer:
        """Answer a task's request; `asked` is what it shows to get credentials."""
        kind, _, rest = path.lstrip("/").partition("/")
        token, _, what = rest.partition("/")
        arn = self._metadata._TOKEN_TO_TASK.get(token)
        if arn is None:
            return 404, {"message": "there is no such task"}
        if kind == "v4" and method == "GET":
            found = asyncio.run(self._metadata.handle_request("GET", path, {}, b"", {}))
            return found[0], json.loads(found[2])
        role = self._role(arn)
        if kind == "credentials" and method == "GET" and role:
            if asked != token:
                return 401, {"message": "this is another task's"}
            return 200, session(self._iam, self._sts, role, arn.rpartition("/")[2])
        if kind == "api" and what == PROTECTION:
            return self._protect(method, arn, json.loads(body or b"{}"))
        return 404, {"message": "there is no such thing"}

    def _protect(self, method: str, arn: str, wanted: dict[str, Any]) -> Answer:
        verb = "Update" if method == "PUT" else "Get"
        action, role = f"ecs:{verb}TaskProtection", self._role(arn)
        cluster = self._task(arn)["clusterArn"]
        keys = {"ecs:cluster": cluster}
        if not role or not allows(self._evaluator, role, action, arn, arn.split(":")[3], keys):
            said = f"{role} is not authorized to perform: {action} on resource: {arn}"
            error = {"Arn": arn, "Code": "AccessDeniedException", "Message": said}
            return 400, {"error": error}
        task = self._task(arn)
        if method == "PUT":
            refusal = self._protection.put(
                task,
                wanted=bool(wanted.get("ProtectionEnabled")),
                minutes=wanted.get("ExpiresInMinutes"),
            )
            if refusal:
                return 400, {"failure": {"Arn": arn, "Reason": refusal}}
        return 200, {"protection": self._protection.told(arn)}

    def _task(self, arn: str) -> dict[str, Any]:
        _, _, _, region, account, _ = arn.split(":", 5)
        task: dict[str, Any] = self._ecs._tasks.get_scoped(account, region, arn)
        return task

    def _role(self, arn: str) -> str:
        task = self._task(arn)
        _, _, _, region, account, name = task["taskDefinitionArn"].split(":", 5)
        definition = self._ecs._task_defs.get_scoped(account, region, name.partition("/")[2])
        given: str = (task.get("overrides") or {}).get("taskRoleArn") or definition["taskRoleArn"]
        return given

    @cached_property
    def _address(self) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.answer))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(LOOK_SECONDS,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"


def _handler(answer: Callable[[str, str, str, bytes], Answer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = self.headers.get("Authorization", "")
            status, told = answer(self.command, self.path, asked, body)
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_PUT = do_GET  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    return Handler
