"""The lives of schedules and pipes."""

import json
from typing import Any

from tests.local.world import World

TAGGED = {"tags": {"team": "a"}}
FILTER = {"filterCriteria": {"filters": [{"pattern": '{"body": {"kind": ["a"]}}'}]}}


def group(world: World) -> Any:
    return world.state("aws:scheduler/scheduleGroup:ScheduleGroup", {"name": "world"})


def target(world: World, **more: Any) -> dict[str, Any]:
    return {
        "arn": world.queue["arn"],
        "roleArn": world.role["arn"],
        "retryPolicy": {"maximumRetryAttempts": 3, "maximumEventAgeInSeconds": 60},
        "deadLetterConfig": {"arn": world.queue["arn"]},
        "input": json.dumps({"at": "<aws.scheduler.scheduled-time>"}),
        **more,
    }


CASES: dict[str, Any] = {
    "aws:scheduler/scheduleGroup:ScheduleGroup": lambda w: (
        TAGGED,
        {"tags": {"other": "b"}},
        {"name": "another"},
    ),
    "aws:scheduler/schedule:Schedule": lambda w: (
        {
            "groupName": group(w)["name"],
            "scheduleExpression": "at(2040-01-31T12:00:00)",
            "scheduleExpressionTimezone": "Europe/Berlin",
            "flexibleTimeWindow": {"mode": "FLEXIBLE", "maximumWindowInMinutes": 5},
            "actionAfterCompletion": "DELETE",
            "target": target(w),
        },
        {
            "scheduleExpression": "cron(0 8 ? * MON-FRI *)",
            "flexibleTimeWindow": {"mode": "OFF"},
            "startDate": "2040-01-01T00:00:00Z",
            "endDate": "2041-01-01T00:00:00Z",
            "actionAfterCompletion": "NONE",
            "target": target(
                w,
                arn=w.bus["arn"],
                eventbridgeParameters={"source": "s", "detailType": "d"},
            ),
        },
        {"groupName": "another"},
    ),
    "aws:pipes/pipe:Pipe": lambda w: (
        {
            "namePrefix": "world-",
            "roleArn": w.role["arn"],
            "source": w.queue["arn"],
            "sourceParameters": {
                "sqsQueueParameters": {"batchSize": 5, "maximumBatchingWindowInSeconds": 1},
                **FILTER,
            },
            "enrichment": w.function["arn"],
            "enrichmentParameters": {"inputTemplate": "<$.body>"},
            "target": w.bus["arn"],
            "targetParameters": {
                "eventbridgeEventBusParameters": {"source": "s", "detailType": "$.kind"},
            },
            "desiredState": "STOPPED",
            "logConfiguration": {"level": "ERROR", "includeExecutionDatas": ["ALL"]},
            **TAGGED,
        },
        {
            "sourceParameters": {
                "sqsQueueParameters": {"batchSize": 7, "maximumBatchingWindowInSeconds": 0}
            },
            "enrichment": w.function["qualifiedArn"],
            "desiredState": "RUNNING",
            "tags": {"other": "b"},
        },
        {"source": "another"},
    ),
}
