"""Runs one function: asks Lambda's Runtime API for events and calls the handler with each.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. Standard library only: what is
imported here is part of every cold start.
"""

import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

VERSION = "/2018-06-01/runtime"


class Context:
    """What a handler is told of its invocation."""

    def __init__(self, headers: http.client.HTTPMessage) -> None:
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", "")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        self.identity = json.loads(headers.get("Lambda-Runtime-Cognito-Identity", "null"))
        self.client_context = json.loads(headers.get("Lambda-Runtime-Client-Context", "null"))
        self._deadline = int(headers.get("Lambda-Runtime-Deadline-Ms", "0"))

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the invocation may still take."""
        return max(0, self._deadline - int(time.time() * 1000))


class JsonFormatter(logging.Formatter):
    """Formats the standard library's records as Lambda's JSON logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a line."""
        line = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info:
            line["stackTrace"] = self.formatException(record.exc_info)
        return json.dumps(line)


def request(method: str, path: str, body: bytes | None = None) -> http.client.HTTPResponse:
    """Call the Runtime API, on a connection of its own: a kept one waits 40 ms in the emulator."""
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request(method, VERSION + path, body)
    return connection.getresponse()


def failure(error: BaseException) -> bytes:
    """Return an error as Lambda tells it."""
    trace = traceback.format_tb(error.__traceback__)[1:]
    return json.dumps(
        {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "stackTrace": trace,
        }
    ).encode()


def load() -> Callable[[Any, Context], Any]:
    """Import the handler that `_HANDLER` names."""
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    handler: Callable[[Any, Context], Any] = getattr(importlib.import_module(module), name)
    return handler


def handle(handler: Callable[[Any, Context], Any]) -> None:
    """Wait for one event and answer it."""
    event = request("GET", "/invocation/next")
    body = event.read()
    context = Context(event.headers)
    os.environ["_X_AMZN_TRACE_ID"] = event.headers.get("Lambda-Runtime-Trace-Id", "")
    path = f"/invocation/{context.aws_request_id}"
    try:
        answer = json.dumps(handler(json.loads(body), context)).encode()
        request("POST", f"{path}/response", answer).read()
    except Exception as error:  # noqa: BLE001  all of them are the caller's to see
        reason = failure(error)
        sys.stderr.write(reason.decode() + "\n")
        request("POST", f"{path}/error", reason).read()
    # The emulator waits 50 ms for a line of a function that writes none.
    sys.stderr.write("\n")
    sys.stdout.flush()
    sys.stderr.flush()


def main() -> None:
    """Serve until the emulator is gone."""
    logging.basicConfig(level=os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO"), stream=sys.stderr)
    logging.getLogger().handlers[0].setFormatter(JsonFormatter())
    try:
        handler = load()
    except Exception as error:  # noqa: BLE001  all of them are the caller's to see
        reason = failure(error)
        sys.stderr.write(reason.decode() + "\n")
        request("POST", "/init/error", reason).read()
        sys.exit(1)
    while True:
        try:
            handle(handler)
        except (OSError, http.client.HTTPException):
            return


if __name__ == "__main__":
    main()
