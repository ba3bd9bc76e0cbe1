"""How a durable handler goes together with what all handlers are decorated with."""

import importlib
import json
from types import SimpleNamespace
from typing import Any

from aws_durable_execution_sdk_python import DurableContext, durable_execution

from tests.lambdas.builders import CONTEXT
from tests.lambdas.conftest import Log

EVENT: dict[str, Any] = {
    "DurableExecutionArn": "arn:aws:lambda:eu-central-1:123456789012:function:review:1"
    "/durable-execution/order-1/1",
    "CheckpointToken": "token",
    "InitialExecutionState": {
        "Operations": [
            {
                "Id": "1",
                "Type": "EXECUTION",
                "Status": "STARTED",
                "ExecutionDetails": {"InputPayload": '{"order_id": "a"}'},
            }
        ]
    },
}


def test_the_entry_point_is_the_outermost(log: Log) -> None:
    shared = importlib.import_module("shared.observability")
    lambdas: Any = SimpleNamespace()

    def review(event: Any, context: DurableContext) -> dict[str, Any]:
        context.set_logger(shared.logger)
        context.logger.info("reviewing")
        return {"reviewed": event["order_id"]}

    answer = shared.entry_point(durable_execution(review, boto3_client=lambdas))(EVENT, CONTEXT)
    assert answer["Status"] == "SUCCEEDED"
    assert json.loads(answer["Result"]) == {"reviewed": "a"}
    (line,) = log.lines("reviewing")
    assert line["function_request_id"] == CONTEXT.aws_request_id
    assert line["executionArn"] == EVENT["DurableExecutionArn"]
