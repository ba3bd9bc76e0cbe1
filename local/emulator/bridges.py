"""What the emulator lacks to deliver as reliably as AWS; runs in the emulator's environment.

Each takes the emulator's modules, and puts a function of theirs behind one that keeps AWS's word.
"""

import functools
import json
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextvars import ContextVar, copy_context
from typing import Any

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
RULE_RETRIES = 185
FIRST_SECONDS, MOST_SECONDS = 0.05, 2.0
WRITES = (
    *("_put_item", "_update_item", "_delete_item", "_batch_write_item", "_transact_write_items"),
    *("_execute_statement", "_batch_execute_statement", "_execute_transaction"),
)
LOGGING = {
    "AWS_LAMBDA_LOG_FORMAT": "LogFormat",
    "AWS_LAMBDA_LOG_LEVEL": "ApplicationLogLevel",
}
# What the provider makes to carry a rule's events to a stream.
FORWARDER = "forward-"

_running: ContextVar[str] = ContextVar("running", default="")
_target: ContextVar[Mapping[str, Any] | None] = ContextVar("target", default=None)


def write_one_at_a_time(dynamodb: Any) -> None:
    """Keep conditional writes atomic: those of workflows run in threads beside the others."""
    lock = threading.RLock()

    def guarded(write: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(write)
        def alone(*args: Any, **options: Any) -> Any:
            with lock:
                return write(*args, **options)

        return alone

    for name in WRITES:
        setattr(dynamodb, name, guarded(getattr(dynamodb, name)))


def take_turns(lambdas: Any) -> None:
    """Let a function have a few environments at a time; further invocations wait for their turn.

    The emulator starts a process for each, and this machine is no Region: a thousand workflows
    that begin at once would all be starting, and none would be done in time.
    """
    execute, most = lambdas._execute_function, max(2, min(4, os.cpu_count() or 2))  # noqa: SLF001
    turns: dict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(most))

    def in_turn(function: Mapping[str, Any], event: Any) -> Any:
        # It calls itself anew for a function of another account or Region.
        arn = (function.get("config") or function).get("FunctionArn", "")
        if _running.get() == arn:
            return execute(function, event)
        with turns[arn]:
            token = _running.set(arn)
            try:
                return execute(function, event)
            finally:
                _running.reset(token)

    lambdas._execute_function = in_turn  # noqa: SLF001


def log_as_asked(lambdas: Any) -> None:
    """Tell functions their own format and level of logs, and not the emulator's level."""
    make = lambdas._provided_worker_env  # noqa: SLF001

    def environment(config: Mapping[str, Any], *rest: Any) -> dict[str, str]:
        made: dict[str, str] = make(config, *rest)
        own = (config.get("Environment") or {}).get("Variables") or {}
        if "LOG_LEVEL" not in own:
            made.pop("LOG_LEVEL", None)
        logging = config.get("LoggingConfig") or {}
        for variable, setting in LOGGING.items():
            if setting in logging:
                made[variable] = logging[setting]
        return made

    lambdas._provided_worker_env = environment  # noqa: SLF001


def retry_rules(events: Any, lambdas: Any) -> None:
    """Let rules invoke functions asynchronously, with retries, as AWS does.

    The emulator calls a rule's function once, whatever becomes of it. A forwarder stands for the
    rule's delivery to a stream: it is tried as often as the rule, and then its dead letters get
    the event.
    """
    invoke_target = events._invoke_target  # noqa: SLF001

    def invoke(target: Mapping[str, Any], *args: Any, **options: Any) -> None:
        before = _target.set(target)
        try:
            invoke_target(target, *args, **options)
        finally:
            _target.reset(before)

    def to_lambda(arn: str, payload: str) -> None:
        function, config, name = lambdas._get_func_record_for_ref(arn)  # noqa: SLF001
        if not function or not config:
            _dead_letter(events, payload)
            return
        record = lambdas._execution_record_for_config(function, config)  # noqa: SLF001
        event = json.loads(payload)
        if not name.startswith(FORWARDER):
            lambdas.invoke_async_with_retry(record, event)
            return
        context = copy_context()
        threading.Thread(
            target=context.run, args=(forward, record, event, payload), daemon=True
        ).start()

    def forward(record: Any, event: Any, payload: str) -> None:
        policy, pause = (_target.get() or {}).get("RetryPolicy") or {}, FIRST_SECONDS
        for _ in range(policy.get("MaximumRetryAttempts", RULE_RETRIES) + 1):
            answer = lambdas._execute_function_with_config_scope(record, event)  # noqa: SLF001
            if not answer.get("error"):
                return
            time.sleep(pause)
            pause = min(2 * pause, MOST_SECONDS)
        _dead_letter(events, payload)

    events._invoke_target = invoke  # noqa: SLF001
    events._dispatch_to_lambda = to_lambda  # noqa: SLF001


def _dead_letter(events: Any, payload: str) -> None:
    """Put an event that a target never took into the target's dead letters, if it has any."""
    arn = ((_target.get() or {}).get("DeadLetterConfig") or {}).get("Arn")
    if arn:
        events._dispatch_to_sqs(events.parse_arn(arn), payload)  # noqa: SLF001


def retry_topics(topics: Any, lambdas: Any) -> None:
    """Let topics invoke functions asynchronously, with retries; the emulator calls once."""
    topics._lambda_svc = _Instead(  # noqa: SLF001
        lambdas, _execute_function_with_config_scope=lambdas.invoke_async_with_retry
    )


class _Instead:
    """A module with some of its functions replaced."""

    def __init__(self, module: Any, **replaced: Any) -> None:
        self.__dict__.update(replaced, module=module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.module, name)
