"""Serves AWS's local runner of durable executions; in an environment of its own, not in ours.

Executions are kept in a file. A runner that was killed takes them up where they were: what it had
invoked comes again, and the rest of each wait and timeout is waited for.
"""

import json
import logging
import os
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
from aws_durable_execution_sdk_python.lambda_service import (
    CallbackOptions,
    OperationStatus,
    OperationType,
)
from aws_durable_execution_sdk_python_testing import (
    runner as runners,
)
from aws_durable_execution_sdk_python_testing.child_dispatcher import (
    FunctionConfig,
    FunctionConfigs,
)
from aws_durable_execution_sdk_python_testing.exceptions import (
    ExecutionAlreadyStartedException,
)
from aws_durable_execution_sdk_python_testing.execution import (
    Execution,
    ExecutionStatus,
)
from aws_durable_execution_sdk_python_testing.executor import (
    Executor,
)
from aws_durable_execution_sdk_python_testing.model import (
    StartDurableExecutionOutput,
)
from aws_durable_execution_sdk_python_testing.stores.base import (
    StoreType,
)
from aws_durable_execution_sdk_python_testing.threads import (
    DaemonThreadPool,
)
from aws_durable_execution_sdk_python_testing.web.server import (
    WebServer,
    WebServiceConfig,
)
from botocore.exceptions import ClientError

# Handlers that run at a time; those that wait take no place. Each may start a process: too many at
# once take longer to start than their timeout allows, and too few long steps hold up all others.
INVOCATIONS = 8


class Executions(Executor):  # type: ignore[misc]
    """The runner's executions, with names that are taken once, and taken up after a crash."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._names = threading.Lock()
        self._invocation_pool = DaemonThreadPool(INVOCATIONS, thread_name_prefix="invocation")

    def start_execution(self, input: Any) -> Any:  # noqa: A002  the runner's own name
        """Start an execution, or return the one that was started by the same name and input."""
        with self._names:
            named, _ = self._store.query(
                function_name=input.function_name, execution_name=input.execution_name
            )
            for execution in named:
                arn = execution.durable_execution_arn
                if json.loads(execution.start_input.input) != json.loads(input.input):
                    said = "Durable execution with same name and different input already started"
                    raise ExecutionAlreadyStartedException(said, arn)
                return StartDurableExecutionOutput(execution_arn=arn)
            return super().start_execution(input)

    def _complete_events(self, execution_arn: str) -> None:
        super()._complete_events(execution_arn)
        execution = self._store.load(execution_arn)
        told = execution.start_input.trace_fields or {}
        failed = execution.current_status() is not ExecutionStatus.SUCCEEDED
        # Of executions that another one started, that other is told.
        if failed and "DeadLetterQueue" in told and not execution.parent_execution_arn:
            self._invocation_pool.submit(keep_event, told["DeadLetterQueue"], execution)

    def take_up(self) -> None:
        """Go on with what an earlier runner left."""
        for execution in self._store.query(status_filter="RUNNING")[0]:
            timeout = execution.start_input.execution_timeout_seconds
            started = execution.get_operation_execution_started().start_timestamp
            self._launch_execution(execution, self._left(timeout, started))
            self._take_up_callbacks(execution)

    def _take_up_callbacks(self, execution: Any) -> None:
        waiting = {
            each.operation_id: each
            for each in execution.operations
            if each.operation_type is OperationType.CALLBACK
            and each.status is OperationStatus.STARTED
        }
        for update in execution.updates:
            operation = waiting.get(update.operation_id)
            if operation is None or not update.callback_options:
                continue
            timeout = update.callback_options.timeout_seconds
            options = CallbackOptions(
                timeout_seconds=timeout and self._left(timeout, operation.start_timestamp),
                heartbeat_timeout_seconds=update.callback_options.heartbeat_timeout_seconds,
            )
            callback = operation.callback_details.callback_id
            self._schedule_callback_timeouts(execution.durable_execution_arn, options, callback)

    def _left(self, seconds: int, since: datetime) -> int:
        return max(1, seconds - int((self._clock.now() - since).total_seconds()))


class Functions(FunctionConfigs):  # type: ignore[misc]
    """What a durable function may invoke: whatever the emulator has."""

    def lookup(self, function_name: str, qualifier: str | None) -> Any:
        """Return a function's durable settings, or None when there is no such function."""
        asked = {"Qualifier": qualifier} if qualifier else {}
        try:
            found = boto3.client("lambda").get_function_configuration(
                FunctionName=function_name, **asked
            )
        except ClientError:
            return None
        return FunctionConfig.from_dict(found, function_name)


def keep_event(queue: str, execution: Any) -> None:
    """Put the event of a failed execution into its function's dead-letter queue."""
    error = execution.result.error
    attributes = {
        "RequestID": execution.start_input.invocation_id,
        "ErrorCode": "200",
        "ErrorMessage": (error and error.message) or execution.current_status().value,
    }
    _, _, _, _, account, name = queue.split(":")
    boto3.client("sqs").send_message(
        QueueUrl=f"{os.environ['AWS_ENDPOINT_URL']}/{account}/{name}",
        MessageBody=execution.start_input.input,
        MessageAttributes={
            key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()
        },
    )


def named(region: str) -> Any:
    """Return what makes an execution, under an ARN as AWS makes them: IAM decides by it."""

    def new(input: Any) -> Any:  # noqa: A002  the runner's own name
        function = f"arn:aws:lambda:{region}:{input.account_id}:function:{input.function_name}"
        # The functions' SDK finds the input under the last part.
        execution = f"durable-execution/{input.execution_name}/{input.invocation_id}"
        arn = f"{function}:{input.function_qualifier}/{execution}"
        return Execution(durable_execution_arn=arn, start_input=input, operations=[])

    return staticmethod(new)


def end_with_the_emulator() -> None:
    """End when the emulator, which holds the other end of the input, has ended."""
    sys.stdin.read()
    os._exit(0)


def main(endpoint: str, region: str, store: str) -> None:
    """Serve on a port of its own choice, which it prints."""
    runners.Executor = Executions
    Execution.new = named(region)
    WebServer.request_queue_size = 128
    config = runners.WebRunnerConfig(
        web_service=WebServiceConfig(host="127.0.0.1", port=0, log_level=logging.ERROR),
        lambda_endpoint=endpoint,
        local_runner_region=region,
        store_type=StoreType.SQLITE,
        store_path=Path(store),
        function_configs=Functions({}),
    )
    with runners.WebRunner(config) as runner:
        runner._executor.take_up()  # noqa: SLF001
        sys.stdout.write(f"{runner._server.server_address[1]}\n")  # noqa: SLF001
        sys.stdout.flush()
        threading.Thread(target=end_with_the_emulator, daemon=True).start()
        runner.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
