"""AWS's API of durable executions: IAM decides on its calls, and the local runner answers them."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlencode

from local.emulator.durable_runner import Runner

Answer = tuple[int, dict[str, str], bytes]
# As the emulator hands over a path, whose parts may hold what was a quoted slash.
PATH = re.compile(
    r"/2025-12-01/(?:functions/(?P<function>[^/]+)/durable-executions"
    r"|durable-executions/(?P<execution>[^/]+/durable-execution/[^/]+/[^/]+)(?:/(?P<verb>\w+))?"
    r"|durable-execution-callbacks/(?P<callback>.+)/(?P<answer>succeed|fail|heartbeat))"
)
ACTIONS = {
    "GET": "GetDurableExecution",
    "DELETE": "DeleteDurableExecution",
    "checkpoint": "CheckpointDurableExecution",
    "state": "GetDurableExecutionState",
    "history": "GetDurableExecutionHistory",
    "stop": "StopDurableExecution",
    "pause": "PauseDurableExecution",
    "resume": "ResumeDurableExecution",
    "succeed": "SendDurableExecutionCallbackSuccess",
    "fail": "SendDurableExecutionCallbackFailure",
    "heartbeat": "SendDurableExecutionCallbackHeartbeat",
}
ERROR = 400


def asked(path: str) -> re.Match[str] | None:
    """Return what a path asks for, if it is one of this API."""
    return PATH.fullmatch(unquote(path))


def answer(status: int, body: bytes, kind: str = "") -> Answer:
    """Return an answer with the header that clients read an error's name from."""
    headers = {"Content-Type": "application/json"}
    if status >= ERROR:
        headers["x-amzn-errortype"] = kind or json.loads(body or b"{}").get("Type", "")
    return status, headers, body


def refused(message: str) -> Answer:
    """Return the answer to parameters that Lambda does not take."""
    body = json.dumps({"Type": "User", "message": message}).encode()
    return answer(ERROR, body, "InvalidParameterValueException")


def decide_by_iam(actions: Any) -> None:
    """Let the emulator's IAM know the actions and resources of this API."""
    action_of, resource_of = actions.extract_iam_action, actions.extract_resource_arn

    def action(service: str, method: str, path: str, *rest: Any) -> Any:
        found = asked(path) if service == "lambda" else None
        if found is None:
            return action_of(service, method, path, *rest)
        if found["function"]:
            return "lambda:ListDurableExecutionsByFunction"
        return f"lambda:{ACTIONS[found['verb'] or found['answer'] or method]}"

    def resource(service: str, method: str, path: str, *rest: Any) -> Any:
        found = asked(path) if service == "lambda" else None
        if found is None or found["function"]:
            return resource_of(service, method, path, *rest)
        return found["execution"] or _execution(found["callback"])

    actions.extract_iam_action, actions.extract_resource_arn = action, resource


def _execution(callback: str) -> str:
    """Return the execution that waits for a callback: the runner's ids tell it."""
    try:
        arn: str = json.loads(base64.b64decode(callback))["arn"]
    except (ValueError, KeyError, TypeError):
        return "*"
    return arn


def forward(
    runner: Runner, method: str, found: re.Match[str], query: Mapping[str, Any], body: bytes
) -> Answer:
    """Return the runner's answer."""
    if found["function"]:
        return _listed(runner, found["function"], query)
    parts = ["durable-executions", found["execution"], found["verb"]]
    if found["callback"]:
        parts = ["durable-execution-callbacks", found["callback"], found["answer"]]
    return answer(*runner.call(method, _path(parts, query), body))


def _listed(runner: Runner, function: str, query: Mapping[str, Any]) -> Answer:
    """Return a function's executions; the runner knows it by its name alone."""
    name = function.rsplit(":function:", maxsplit=1)[-1].split(":", maxsplit=1)[0]
    query = dict(query)
    # The runner takes one status, by another name.
    statuses = query.pop("Statuses", None)
    status, body = runner.call("GET", _path(["functions", name, "durable-executions"], query))
    if statuses and status < ERROR:
        told = json.loads(body)
        told["DurableExecutions"] = [
            each for each in told["DurableExecutions"] if each["Status"] in statuses
        ]
        body = json.dumps(told).encode()
    return answer(status, body)


def _path(parts: list[str], query: Mapping[str, Any]) -> str:
    path = "/".join(quote(part, safe="") for part in parts if part)
    return f"/2025-12-01/{path}?{urlencode(query, doseq=True)}"


def execution(runner: Runner, arn: str) -> Any:
    """Return what the runner tells of an execution."""
    return json.loads(runner.call("GET", _path(["durable-executions", arn], {}))[1])
