"""The functions' runtime, against a Runtime API of the tests' own."""

import json
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from local.provider.runtime import LOOP

CLIENT = '{"client": {"app_title": "t"}, "custom": {"a": 1}, "env": {}}'
CODE = """
import logging
import os

class Refused(Exception):
    pass

def echo(event, context):
    logging.getLogger().info("got %s", event)
    return {
        "event": event,
        "request": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "name": context.function_name,
        "version": context.function_version,
        "memory": context.memory_limit_in_mb,
        "time": context.get_remaining_time_in_millis() > 0,
        "trace": os.environ["_X_AMZN_TRACE_ID"],
    }

def fail(event, context):
    raise Refused("not today")

def report(event, context):
    try:
        1 / 0
    except ZeroDivisionError:
        logging.getLogger("mine").exception("no luck")

def leave(event, context):
    os._exit(3)

def describe(event, context):
    identity, client = context.identity, context.client_context
    return [identity.cognito_identity_id, client.client.app_title, client.custom["a"]]

def partly(event, context):
    return {"batchItemFailures": [{"itemIdentifier": "2"}]}

def wholly(event, context):
    return {"batchItemFailures": []}

def unserializable(event, context):
    return object()
"""


class RuntimeApi:
    """Hands out events, and keeps what is answered; ends the function when there are no more."""

    def __init__(self, events: list[Any]) -> None:
        self.events = list(events)
        self.answers: list[tuple[str, Any]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if not api.events:
                    # So does the emulator when it ends an environment.
                    self.send_error(500)
                    return
                body = json.dumps(api.events.pop(0)).encode()
                self.send_response(200)
                for name, value in {
                    "Lambda-Runtime-Aws-Request-Id": "r-1",
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:f",
                    "Lambda-Runtime-Deadline-Ms": "9999999999999",
                    "Lambda-Runtime-Trace-Id": "Root=1-2-3",
                    "Lambda-Runtime-Cognito-Identity": '{"cognitoIdentityId": "i"}',
                    "Lambda-Runtime-Client-Context": CLIENT,
                    "Content-Length": str(len(body)),
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                api.answers.append(
                    (self.path.removeprefix("/2018-06-01/runtime"), json.loads(body))
                )
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(CODE)
    (tmp_path / "broken.py").write_text("1 / 0\n")
    return tmp_path


def run(
    root: Path, handler: str, *events: Any, status: int = 0, **more: str
) -> tuple[list[tuple[str, Any]], str]:
    api = RuntimeApi(list(events))
    environment = {
        "AWS_LAMBDA_RUNTIME_API": api.address,
        "LAMBDA_TASK_ROOT": str(root),
        "_HANDLER": handler,
        "AWS_LAMBDA_FUNCTION_NAME": "f",
        "AWS_LAMBDA_FUNCTION_VERSION": "3",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "PYTHONDONTWRITEBYTECODE": "1",
        **more,
    }
    command = [sys.executable, str(LOOP)]
    done = subprocess.run(  # noqa: S603
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == status, done.stderr
    api.server.shutdown()
    api.server.server_close()
    return api.answers, done.stderr


def test_a_handler_gets_events_and_a_context_and_its_answer_goes_back(root: Path) -> None:
    answers, _ = run(root, "app.echo", {"n": 1}, {"n": 2})
    assert [path for path, _ in answers] == ["/invocation/r-1/response"] * 2
    assert answers[1][1] == {
        "event": {"n": 2},
        "request": "r-1",
        "arn": "arn:f",
        "name": "f",
        "version": "3",
        "memory": "128",
        "time": True,
        "trace": "Root=1-2-3",
    }


def test_log_records_are_json(root: Path) -> None:
    _, written = run(root, "app.echo", {"n": 1})
    line = json.loads(next(line for line in written.splitlines() if line.startswith("{")))
    assert (line["level"], line["message"]) == ("INFO", "got {'n': 1}")


def test_an_exception_keeps_its_name_and_trace_and_the_function_goes_on(root: Path) -> None:
    answers, written = run(root, "app.fail", {}, {})
    assert [path for path, _ in answers] == ["/invocation/r-1/error"] * 2
    error = answers[0][1]
    assert (error["errorType"], error["errorMessage"]) == ("Refused", "not today")
    assert "in fail" in error["stackTrace"][-1]
    assert "not today" in written


def test_an_answer_that_is_no_json_is_an_error(root: Path) -> None:
    answers, _ = run(root, "app.unserializable", {})
    assert answers[0][1]["errorType"] == "Runtime.MarshalError"


def batch(source: str) -> Any:
    return {"Records": [{"eventSource": source}, {"eventSource": source}]}


@pytest.mark.parametrize("source", ["aws:kinesis", "aws:dynamodb"])
def test_a_partly_failed_batch_of_a_stream_is_a_failure(root: Path, source: str) -> None:
    answers, _ = run(root, "app.partly", batch(source))
    ((path, error),) = answers
    assert path == "/invocation/r-1/error"
    assert error["errorType"] == "Runtime.PartialBatchFailure"
    assert error["errorMessage"] == "1 of 2 records failed"


@pytest.mark.parametrize(
    ("handler", "event"),
    [
        ("app.partly", batch("aws:sqs")),
        ("app.partly", {"Records": []}),
        ("app.partly", [1]),
        ("app.wholly", batch("aws:kinesis")),
        ("app.describe", batch("aws:kinesis")),
    ],
)
def test_other_answers_go_back_as_they_are(root: Path, handler: str, event: Any) -> None:
    answers, _ = run(root, handler, event)
    assert [path for path, _ in answers] == ["/invocation/r-1/response"]


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        ("nothing.handle", "Runtime.ImportModuleError"),
        ("app.nothing", "Runtime.HandlerNotFound"),
        ("broken.handle", "ZeroDivisionError"),
    ],
)
def test_a_handler_that_cannot_be_loaded_is_an_init_error(
    root: Path, handler: str, error: str
) -> None:
    (answer,), _ = run(root, handler, {}, status=1)
    assert answer[0] == "/init/error"
    assert answer[1]["errorType"] == error


def test_text_logs_are_as_lambda_writes_them(root: Path) -> None:
    _, written = run(
        root,
        "app.echo",
        {"n": 1},
        AWS_LAMBDA_LOG_FORMAT="Text",
        AWS_LAMBDA_LOG_LEVEL="INFO",
    )
    assert re.search(r"^\[INFO\]\t20\S+\.\d{3}Z\tr-1\tgot \{'n': 1\}$", written, re.MULTILINE)


def test_the_log_of_an_exception_names_it(root: Path) -> None:
    _, written = run(root, "app.report", {})
    line = json.loads(next(line for line in written.splitlines() if line.startswith("{")))
    assert (line["logger"], line["requestId"]) == ("mine", "r-1")
    assert (line["errorType"], line["errorMessage"]) == ("ZeroDivisionError", "division by zero")
    assert "1 / 0" in line["stackTrace"][-1]


def test_a_handler_is_told_who_calls(root: Path) -> None:
    answers, _ = run(root, "app.describe", {})
    assert answers == [("/invocation/r-1/response", ["i", "t", 1])]


def test_a_silent_handler_writes_a_line_all_the_same(root: Path) -> None:
    _, written = run(root, "app.describe", {}, {})
    assert written == "\n\n"


def test_a_function_that_leaves_is_not_held(root: Path) -> None:
    assert run(root, "app.leave", {}, status=3)[0] == []


def test_without_an_emulator_the_function_ends(root: Path) -> None:
    assert run(root, "app.echo", AWS_LAMBDA_RUNTIME_API="127.0.0.1:9") == ([], "")
