"""Task protection, as the ECS agent is asked for it."""

import importlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.lambdas.conftest import Log


@pytest.fixture
def code(environment: None) -> Any:
    return importlib.import_module("importer.protection")


class Agent:
    """An ECS agent that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.status = 200
        agent = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                agent.asked.append((self.command, self.path, json.loads(body)))
                self.send_response(agent.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.uri = f"http://127.0.0.1:{self.server.server_port}/api/task-1"


@pytest.fixture
def agent() -> Iterator[Agent]:
    made = Agent()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_a_task_is_protected_while_it_works_and_not_afterwards(code: Any, agent: Agent) -> None:
    with code.Protection(agent.uri).held():
        assert len(agent.asked) == 1
    path = "/api/task-1/task-protection/v1/state"
    assert agent.asked == [
        ("PUT", path, {"ProtectionEnabled": True, "ExpiresInMinutes": 60}),
        ("PUT", path, {"ProtectionEnabled": False}),
    ]


def test_protection_ends_with_work_that_fails(code: Any, agent: Agent) -> None:
    with pytest.raises(ConnectionError), code.Protection(agent.uri).held():
        raise ConnectionError
    assert agent.asked[-1][2] == {"ProtectionEnabled": False}


def test_long_work_renews_it_after_half_of_its_time(
    code: Any, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [5_000.0]
    monkeypatch.setattr(code.time, "monotonic", lambda: now[0])
    protection = code.Protection(agent.uri)
    with protection.held():
        for seconds in (900, 900, 1, 1):
            now[0] += seconds
            protection.renew()
    assert [each[2]["ProtectionEnabled"] for each in agent.asked] == [True, True, False]


def test_an_agent_that_refuses_keeps_no_work_from_being_done(
    code: Any, agent: Agent, log: Log
) -> None:
    agent.status = 400
    done = []
    with code.Protection(agent.uri).held():
        done.append(1)
    assert done
    assert [line["on"] for line in log.lines("task protection failed")] == [True, False]


def test_elsewhere_than_on_ecs_there_is_none(
    code: Any, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    monkeypatch.delenv("ECS_AGENT_URI", raising=False)
    protection = code.Protection()
    with protection.held():
        protection.renew()
    assert not log.lines("task protection failed")
    monkeypatch.setenv("ECS_AGENT_URI", "http://169.254.170.2/api/task-1")
    assert code.Protection().uri == "http://169.254.170.2/api/task-1"
