"""Durable functions on the emulator: AWS's local runner keeps their executions and invokes them.

The emulator keeps a function's durable settings and does nothing with them. Whatever invokes such
a function starts an execution at the runner; the runner invokes it with what was checkpointed.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from local.emulator import durable_api
from local.emulator.durable_api import ERROR, Answer
from local.emulator.durable_runner import Runner

# https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html
SYNCHRONOUS_SECONDS = 900
# How soon a caller that waits sees the end, at least.
LOOK_SECONDS = 0.5


@dataclass
class Call:
    """What is known of the invocation under way, and the executions that it started."""

    name: str | None = None
    started: list[str] = field(default_factory=list)


CALL: ContextVar[Call | None] = ContextVar("call", default=None)


@contextmanager
def calling(call: Call) -> Iterator[Call]:
    """Let what is invoked within know of the call."""
    token = CALL.set(call)
    try:
        yield call
    finally:
        CALL.reset(token)


class NotStartedError(Exception):
    """What the runner did not start, as an answer of AWS's API."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer[2].decode())
        self.answer = answer


def starts(config: Any, event: Any) -> bool:
    """Whether an event starts an execution: the runner's own go on with one."""
    keys = event.keys() if isinstance(event, dict) else set()
    return bool(config.get("DurableConfig")) and not {
        "DurableExecutionArn",
        "CheckpointToken",
    } <= set(keys)


class Durable:
    """Takes the place of what invokes functions in the emulator's Lambda, and calls it."""

    def __init__(self, lambdas: Any) -> None:
        self.lambdas = lambdas
        self._runners: dict[str, Runner] = {}
        self._invoke, self._execute = lambdas._invoke, lambdas._execute_function  # noqa: SLF001
        self._queue, self._handle = lambdas.invoke_async_with_retry, lambdas.handle_request
        lambdas._invoke, lambdas._execute_function = self.invoke, self.execute  # noqa: SLF001
        lambdas.invoke_async_with_retry, lambdas.handle_request = self.queue, self.handle

    def runner(self, region: str) -> Runner:
        """Return a Region's runner: like AWS's endpoints, it is of one."""
        return self._runners.setdefault(region, Runner(region))

    async def handle(self, *request: Any) -> Answer:
        """Answer a call of Lambda's API, on which IAM has decided."""
        method, path, _, body, query = request
        if found := durable_api.asked(path):
            runner = self.runner(self.lambdas.get_region())
            return await asyncio.to_thread(durable_api.forward, runner, method, found, query, body)
        answer: Answer = await self._handle(*request)
        return answer

    async def invoke(
        self,
        name: str,
        event: Any,
        headers: Mapping[str, str],
        path_qualifier: str | None = None,
        query: Mapping[str, list[str]] | None = None,
    ) -> Answer:
        """Answer an Invoke, with the execution that it started."""
        config = (self.lambdas._functions.get(name) or {}).get("config", {})  # noqa: SLF001
        if starts(config, event):
            if mistake := self._mistake(config, headers, path_qualifier, query):
                return durable_api.refused(mistake)
            # It may have to start, for which no other request need wait.
            await asyncio.to_thread(self.runner(self._scope(config)[1]).ready)
        with calling(Call(name=headers.get("x-amz-durable-execution-name"))) as call:
            try:
                status, told, body = await self._invoke(
                    name, event, headers, path_qualifier, query
                )
            except NotStartedError as error:
                return error.answer
        for arn in call.started:
            told["X-Amz-Durable-Execution-Arn"] = arn
        return status, told, body

    def execute(self, function: Any, event: Any) -> Any:
        """Run a function, or all of an execution when the caller waits for its result."""
        config = function.get("config") or function
        if not starts(config, event):
            return self._execute(function, event)
        return self._result(config, self._start(config, event, CALL.get() or Call()))

    def queue(self, function: Any, event: Any) -> None:
        """Take an asynchronous event."""
        config = function.get("config") or function
        if starts(config, event):
            dead_letters = (config.get("DeadLetterConfig") or {}).get("TargetArn")
            told = {"DeadLetterQueue": dead_letters} if dead_letters else {}
            self._start(config, event, CALL.get() or Call(), TraceFields=told)
        else:
            self._queue(function, event)

    def _scope(self, config: Any) -> tuple[str, str]:
        scope: tuple[str, str] = self.lambdas._account_region_from_function_config(config)  # noqa: SLF001
        return scope

    @staticmethod
    def _mistake(
        config: Any,
        headers: Mapping[str, str],
        path_qualifier: str | None,
        query: Mapping[str, list[str]] | None,
    ) -> str | None:
        if not (path_qualifier or (query or {}).get("Qualifier")):
            return "You cannot invoke a durable function using an unqualified ARN."
        waits = headers.get("x-amz-invocation-type", "RequestResponse") == "RequestResponse"
        if waits and config["DurableConfig"]["ExecutionTimeout"] > SYNCHRONOUS_SECONDS:
            said = "You cannot synchronously invoke a durable function with an executionTimeout "
            return f"{said}greater than 15 minutes."
        return None

    def _start(self, config: Any, event: Any, call: Call, **more: Any) -> str:
        account, region = self._scope(config)
        wanted = {
            "AccountId": account,
            "FunctionName": config["FunctionName"],
            # The version and not an alias: an execution ends with the code that it began with.
            "FunctionQualifier": config.get("Version", "$LATEST"),
            "ExecutionName": call.name or str(uuid4()),
            "ExecutionTimeoutSeconds": config["DurableConfig"]["ExecutionTimeout"],
            "ExecutionRetentionPeriodDays": config["DurableConfig"]["RetentionPeriodInDays"],
            "Input": json.dumps(event),
            **more,
        }
        status, body = self.runner(region).call(
            "POST", "/start-durable-execution", json.dumps(wanted).encode()
        )
        if status >= ERROR:
            kind = "DurableExecutionAlreadyStartedException"
            raise NotStartedError(durable_api.answer(status, body, kind))
        arn: str = json.loads(body)["ExecutionArn"]
        call.started.append(arn)
        return arn

    def _result(self, config: Any, arn: str) -> dict[str, Any]:
        """Wait until an execution has ended, and return its result as a function's."""
        runner, pause = self.runner(self._scope(config)[1]), 0.02
        while (found := durable_api.execution(runner, arn))["Status"] == "RUNNING":
            time.sleep(pause)
            pause = min(2 * pause, LOOK_SECONDS)
        if found["Status"] == "SUCCEEDED":
            return {"body": json.loads(found.get("Result") or "null")}
        error = found.get("Error") or {}
        body = {
            "errorMessage": error.get("ErrorMessage", ""),
            "errorType": error.get("ErrorType") or found["Status"],
            "stackTrace": error.get("StackTrace", []),
        }
        return {"body": body, "error": True, "log": ""}
