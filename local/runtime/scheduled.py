"""Invokes the target of a schedule, when the emulator says that it is time.

The emulator's schedule has this function as its target, and the schedule's own target as input.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.runtime import deliver

PARAMETERS = ("SqsParameters", "KinesisParameters", "EventBridgeParameters")


def handle(event: Mapping[str, Any], context: Any) -> None:
    """Send the input; what the target refuses goes to the schedule's own queue, if it has one."""
    target, schedule_arn = event["target"], event["schedule"]
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:00Z}"
    attributes = {
        "schedule-arn": schedule_arn,
        "scheduled-time": at,
        "execution-id": context.aws_request_id,
        "attempt-number": "1",
    }
    payload = target.get("Input") or default(schedule_arn, at, context.aws_request_id)
    for name, value in attributes.items():
        payload = payload.replace(f"<aws.scheduler.{name}>", value)
    parameters: Mapping[str, Any] = next(
        (target[name] for name in PARAMETERS if name in target), {}
    )
    try:
        deliver.send(target["Arn"], payload, parameters)
    except Exception as error:
        if "DeadLetterConfig" not in target:
            raise
        keep(target, payload, error, attributes)


def default(schedule_arn: str, at: str, id_: str) -> str:
    """Return the event that a target gets of a schedule without an input."""
    region, account = schedule_arn.split(":")[3:5]
    event = {
        "version": "0",
        "id": id_,
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": account,
        "time": at,
        "region": region,
        "resources": [schedule_arn],
        "detail": "{}",
    }
    return json.dumps(event)


def keep(
    target: Mapping[str, Any], payload: str, error: Exception, attributes: Mapping[str, str]
) -> None:
    """Send to the queue of the schedule, with the reason as Scheduler gives it.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
    """
    response: Mapping[str, Any] = getattr(error, "response", {})
    said = {
        "ERROR_CODE": response.get("Error", {}).get("Code", type(error).__name__),
        "ERROR_MESSAGE": str(error)[:1_000],
        "EXECUTION_ID": attributes["execution-id"],
        "RETRY_ATTEMPTS": "0",
        "SCHEDULED_TIME": attributes["scheduled-time"],
        "SCHEDULE_ARN": attributes["schedule-arn"],
        "TARGET_ARN": target["Arn"],
    }
    told = {name: {"DataType": "String", "StringValue": text} for name, text in said.items()}
    deliver.send(target["DeadLetterConfig"]["Arn"], payload, {"MessageAttributes": told})
