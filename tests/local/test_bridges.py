"""What the emulator is given to deliver as reliably as AWS, with stand-ins for its modules."""

import json
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from local.emulator import bridges
from local.emulator.bridges import (
    log_as_asked,
    retry_rules,
    retry_topics,
    write_one_at_a_time,
)

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridges, "FIRST_SECONDS", 0.0)


class Lambdas:
    """Functions that fail some times, then work."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.executed: list[Any] = []
        self.queued: list[Any] = []

    def _get_func_record_for_ref(self, arn: str) -> tuple[Any, Any, str]:
        name = arn.rsplit(":", 1)[1]
        return (
            ({"config": {}}, {"FunctionName": name}, name)
            if name != "gone"
            else (None, None, name)
        )

    def _execution_record_for_config(self, _function: Any, config: Any) -> Any:
        return config

    def _execute_function_with_config_scope(self, _record: Any, event: Any) -> Any:
        self.executed.append(event)
        return {"error": len(self.executed) <= self.failures}

    def invoke_async_with_retry(self, record: Any, event: Any) -> None:
        self.queued.append((record["FunctionName"], event))


def bus() -> tuple[SimpleNamespace, list[Any]]:
    """Return the module of buses, and what it put into queues."""
    sent: list[Any] = []
    module = SimpleNamespace(
        parse_arn=lambda arn: arn,
        _dispatch_to_sqs=lambda arn, payload: sent.append((arn, payload)),
        _dispatch_to_lambda=None,
    )
    module._invoke_target = lambda target, event: module._dispatch_to_lambda(
        target["Arn"], json.dumps(event)
    )
    return module, sent


def settled(condition: Any) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_rule_invokes_a_function_asynchronously() -> None:
    (module, _), lambdas = bus(), Lambdas()
    retry_rules(module, lambdas)
    module._invoke_target({"Arn": f"{FUNCTION}work"}, {"n": 1})
    assert lambdas.queued == [("work", {"n": 1})]


def test_a_rule_delivers_to_a_stream_until_it_is_taken() -> None:
    (module, sent), lambdas = bus(), Lambdas(failures=20)
    retry_rules(module, lambdas)
    module._invoke_target({"Arn": f"{FUNCTION}forward-1", "Id": "t"}, {"n": 1})
    settled(lambda: len(lambdas.executed) == 21)
    assert sent == []


def test_what_a_stream_never_takes_ends_in_the_dead_letters_of_the_target() -> None:
    (module, sent), lambdas = bus(), Lambdas(failures=1_000)
    retry_rules(module, lambdas)
    target = {
        "Arn": f"{FUNCTION}forward-1",
        "RetryPolicy": {"MaximumRetryAttempts": 2},
        "DeadLetterConfig": {"Arn": "arn:dead"},
    }
    module._invoke_target(target, {"n": 1})
    settled(lambda: sent)
    assert sent == [("arn:dead", '{"n": 1}')]
    assert len(lambdas.executed) == 3


def test_an_event_for_a_function_that_is_gone_ends_in_the_dead_letters() -> None:
    module, sent = bus()
    retry_rules(module, Lambdas())
    target = {"Arn": f"{FUNCTION}gone", "DeadLetterConfig": {"Arn": "arn:dead"}}
    module._invoke_target(target, {"n": 1})
    module._invoke_target({"Arn": f"{FUNCTION}gone"}, {"n": 2})
    assert sent == [("arn:dead", '{"n": 1}')]


def test_a_topic_invokes_a_function_asynchronously() -> None:
    lambdas = Lambdas()
    topics = SimpleNamespace(_lambda_svc=lambdas)
    retry_topics(topics, lambdas)
    found = topics._lambda_svc
    record = found._execution_record_for_config({}, found._get_func_record_for_ref("f:work")[1])
    found._execute_function_with_config_scope(record, {"n": 1})
    assert lambdas.queued == [("work", {"n": 1})]
    assert lambdas.executed == []


def test_of_writes_at_the_same_time_each_sees_what_the_one_before_wrote() -> None:
    table = {"status": "PLACED"}
    won: list[str] = []

    def update(to: str) -> None:
        if table["status"] == "PLACED":
            # The other thread gets its turn between the condition and the write.
            time.sleep(0.05)
            table["status"] = to
            won.append(to)

    writes = dict.fromkeys(bridges.WRITES, update)
    dynamodb = SimpleNamespace(**writes)
    write_one_at_a_time(dynamodb)
    threads = [
        threading.Thread(target=dynamodb._update_item, args=("CONFIRMED",)),
        threading.Thread(target=dynamodb._put_item, args=("REJECTED",)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [table["status"]]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({}, {}),
        (
            {"LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"}},
            {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "DEBUG"},
        ),
        ({"LoggingConfig": {"LogFormat": "Text"}}, {"AWS_LAMBDA_LOG_FORMAT": "Text"}),
        ({"Environment": {"Variables": {"LOG_LEVEL": "ERROR"}}}, {"LOG_LEVEL": "ERROR"}),
    ],
)
def test_a_function_logs_as_it_was_asked_to_and_not_as_the_emulator(
    config: dict[str, Any], told: dict[str, str]
) -> None:
    def inherited(config: dict[str, Any], _folder: str) -> dict[str, str]:
        own = config.get("Environment", {}).get("Variables", {})
        return {"LOG_LEVEL": "WARNING", **own}

    lambdas = SimpleNamespace(_provided_worker_env=inherited)
    log_as_asked(lambdas)
    assert lambdas._provided_worker_env(config, "folder") == told
