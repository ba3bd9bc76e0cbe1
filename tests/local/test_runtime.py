"""The functions' runtime, against a Runtime API of the tests' own."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from local.provider.runtime import LOOP

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
                    self.connection.close()
                    return
                body = json.dumps(api.events.pop(0)).encode()
                self.send_response(200)
                for name, value in {
                    "Lambda-Runtime-Aws-Request-Id": "r-1",
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:f",
                    "Lambda-Runtime-Deadline-Ms": "9999999999999",
                    "Lambda-Runtime-Trace-Id": "Root=1-2-3",
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
    return tmp_path


def run(root: Path, handler: str, *events: Any) -> tuple[list[tuple[str, Any]], str]:
    api = RuntimeApi(list(events))
    environment = {
        "AWS_LAMBDA_RUNTIME_API": api.address,
        "LAMBDA_TASK_ROOT": str(root),
        "_HANDLER": handler,
        "AWS_LAMBDA_FUNCTION_NAME": "f",
        "AWS_LAMBDA_FUNCTION_VERSION": "3",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, str(LOOP)]
    done = subprocess.run(  # noqa: S603
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
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
    assert answers[0][1]["errorType"] == "TypeError"


@pytest.mark.parametrize(
    ("handler", "error"),
    [("nothing.handle", "ModuleNotFoundError"), ("app.nothing", "AttributeError")],
)
def test_a_handler_that_cannot_be_loaded_is_an_init_error(
    root: Path, handler: str, error: str
) -> None:
    (answer,), _ = run(root, handler, {})
    assert answer[0] == "/init/error"
    assert answer[1]["errorType"] == error
