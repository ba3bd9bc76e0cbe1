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
from email.message import Message
from types import SimpleNamespace
from typing import Any

VERSION = "/2018-06-01/runtime"
Handler = Callable[[Any, "Context"], Any]


class Context:
    """What a handler is told of its invocation."""

    def __init__(self, headers: Message) -> None:
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        group = f"/aws/lambda/{self.function_name}"
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", group)
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        client = json.loads(headers.get("Lambda-Runtime-Client-Context") or "null")
        self.client_context = client and SimpleNamespace(
            client=SimpleNamespace(**client.get("client", {})),
            custom=client.get("custom"),
            env=client.get("env"),
        )
        identity = json.loads(headers.get("Lambda-Runtime-Cognito-Identity") or "{}")
        self.identity = SimpleNamespace(
            cognito_identity_id=identity.get("cognitoIdentityId"),
            cognito_identity_pool_id=identity.get("cognitoIdentityPoolId"),
        )
        self._deadline = int(headers.get("Lambda-Runtime-Deadline-Ms", "0"))

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the invocation may still take."""
        return max(0, self._deadline - int(time.time() * 1000))


STREAMS = ("aws:dynamodb", "aws:kinesis")


class GoneError(Exception):
    """The Runtime API ended this environment."""


def call(method: str, path: str, body: bytes | None = None) -> tuple[Message, bytes]:
    """Call the Runtime API, on a connection of its own: a kept one waits 40 ms in the emulator."""
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        connection.request(method, VERSION + path, body)
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise GoneError from error
    finally:
        connection.close()
    if answer.status >= http.client.INTERNAL_SERVER_ERROR:
        raise GoneError
    return answer.headers, content


def failed(path: str, kind: str, message: str, trace: list[str]) -> None:
    """Tell of an error as Lambda does, in the log and to the caller."""
    reason = json.dumps({"errorMessage": message, "errorType": kind, "stackTrace": trace})
    sys.stderr.write(reason)
    flush()
    call("POST", path, reason.encode())


def partial_failure(event: Any, answer: Any) -> str:
    """Return what to tell of a stream's batch of which a part failed.

    The emulator knows whole batches of a stream only: told of a success, it would lose the records
    that failed. After a failure it delivers the batch again; AWS would begin at the first of them.
    """
    records = event.get("Records") if isinstance(event, dict) else None
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if not records or not failures or records[0].get("eventSource") not in STREAMS:
        return ""
    return f"{len(failures)} of {len(records)} records failed"


def flush() -> None:
    """Write what is held back, before the emulator collects it with the answer."""
    sys.stdout.flush()
    # It waits 50 ms for a line of a function that writes none.
    sys.stderr.write("\n")
    sys.stderr.flush()


class Formatter(logging.Formatter):
    """Formats the standard library's records as Lambda's own, as text or as JSON."""

    # The emulator does not pass it on; the toolkit's functions all ask for JSON.
    json = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "JSON") == "JSON"
    request_id = ""

    def format(self, record: logging.LogRecord) -> str:
        """Return a line."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        if not self.json:
            record.message = record.getMessage()
            line = f"[{record.levelname}]\t{at}.{record.msecs:03.0f}Z\t{self.request_id}\t"
            trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
            return line + record.message + trace
        fields: dict[str, Any] = {
            "timestamp": f"{at}Z",
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": self.request_id,
        }
        if record.exc_info and record.exc_info[0]:
            kind, error, trace_back = record.exc_info
            fields["errorType"] = kind.__name__
            fields["errorMessage"] = str(error)
            fields["stackTrace"] = traceback.format_tb(trace_back)
        return json.dumps(fields, default=str)


def log() -> Formatter:
    """Send the standard library's records to the function's log."""
    formatter, out = Formatter(), logging.StreamHandler()
    out.setFormatter(formatter)
    level = "INFO" if formatter.json else "WARNING"
    logging.basicConfig(handlers=[out], level=os.environ.get("AWS_LAMBDA_LOG_LEVEL", level))
    return formatter


def load() -> Handler:
    """Import the handler that `_HANDLER` names, as `folder.module.function`."""
    # The first place is a script's own folder: here it is the function's.
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    handler: Handler = getattr(importlib.import_module(module.replace("/", ".")), name)
    return handler


def faults() -> Callable[[Handler], Handler]:
    """Return what gives a handler faults: nothing does, unless `make chaos` asks for them."""
    if "CHAOS" not in os.environ:
        return lambda handler: handler
    found: Callable[[Handler], Handler] = importlib.import_module("faults").prepare()
    return found


def handle(handler: Handler, formatter: Formatter) -> None:
    """Wait for one event and answer it."""
    headers, body = call("GET", "/invocation/next")
    context = Context(headers)
    formatter.request_id = context.aws_request_id
    os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
    path = f"/invocation/{context.aws_request_id}"
    try:
        event = json.loads(body)
        answer = handler(event, context)
    except Exception as error:  # noqa: BLE001  all of them are the caller's to see
        trace = traceback.format_tb(error.__traceback__)[1:]
        failed(f"{path}/error", type(error).__name__, str(error), trace)
        return
    try:
        content = json.dumps(answer, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        said = f"Unable to marshal response: {error}"
        failed(f"{path}/error", "Runtime.MarshalError", said, [])
        return
    if said := partial_failure(event, answer):
        failed(f"{path}/error", "Runtime.PartialBatchFailure", said, [])
        return
    flush()
    call("POST", f"{path}/response", content)


def main() -> int:
    """Serve until the emulator is gone."""
    formatter, befall = log(), faults()
    try:
        handler = befall(load())
    except Exception as error:  # noqa: BLE001  all of them are the caller's to see
        module = os.environ["_HANDLER"].rpartition(".")[0]
        kind, said = type(error).__name__, str(error)
        if isinstance(error, ImportError):
            kind, said = "Runtime.ImportModuleError", f"Unable to import module '{module}': {said}"
        elif isinstance(error, AttributeError) and module in sys.modules:
            kind = "Runtime.HandlerNotFound"
        failed("/init/error", kind, said, traceback.format_tb(error.__traceback__)[1:])
        return 1
    while True:
        handle(handler, formatter)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GoneError:
        sys.exit(0)
