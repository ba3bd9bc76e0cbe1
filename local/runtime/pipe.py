"""Moves a batch of a pipe: to its enrichment, through its templates, to its target.

The provider deploys it beside a pipe, with the pipe's own role, and a mapping of the pipe's source
and filters invokes it.
"""

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.runtime import deliver, templates

# The parameters of a target that its service knows by the same name; each may be a path.
NAMES = (
    *("DetailType", "MessageDeduplicationId", "MessageGroupId", "PartitionKey"),
    *("Resources", "Source"),
)
# What gets a batch as a whole.
WHOLE = ("lambda", "states")


def handle(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """Move the records; the answer names those that have to come again."""
    pipe, records = json.loads(os.environ["PIPE"]), event["Records"]
    events = [flat(record) for record in records]
    arn = pipe.get("Enrichment")
    if arn:
        template = pipe.get("EnrichmentParameters", {}).get("InputTemplate")
        payloads = [made(pipe, template, each) for each in events]
        events = enriched(deliver.called(arn, json.dumps(payloads)))
    failed = moved(pipe, events)
    if failed and arn:
        # Which of the records an enriched event was made of, nobody knows.
        raise deliver.RefusedError(f"{len(failed)} of {len(events)} events failed")
    return {"batchItemFailures": [{"itemIdentifier": identifier(records[n])} for n in failed]}


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record as pipes have it: what is in `kinesis` stands beside the rest."""
    return {
        **{key: value for key, value in record.items() if key != "kinesis"},
        **record.get("kinesis", {}),
    }


def identifier(record: Mapping[str, Any]) -> str:
    """Return how a mapping names a record."""
    if "messageId" in record:
        return str(record["messageId"])
    parts = record.get("kinesis") or record["dynamodb"]
    return str(parts.get("sequenceNumber") or parts["SequenceNumber"])


def enriched(answer: Any) -> list[Any]:
    """Return the events of an enrichment; with an empty answer, the target gets nothing."""
    if answer in (None, "", {}, []):
        return []
    return answer if isinstance(answer, list) else [answer]


def made(pipe: Mapping[str, Any], template: str | None, event: Any) -> Any:
    """Return an event as its template makes it, as JSON where it is JSON."""
    if not template:
        return event
    text = templates.rendered(template, event, reserved(pipe, event))
    try:
        return json.loads(text)
    except ValueError:
        return text


def reserved(pipe: Mapping[str, Any], event: Any) -> dict[str, Any]:
    """Return the values that a template may name besides those of the event."""
    values = {
        "pipe-arn": pipe["Arn"],
        "pipe-name": pipe["Name"],
        "source-arn": pipe["Source"],
        "enrichment-arn": pipe.get("Enrichment"),
        "target-arn": pipe["Target"],
        "event.ingestion-time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "event": event,
        "event.json": event,
    }
    return {f"aws.pipes.{name}": value for name, value in values.items()}


def moved(pipe: Mapping[str, Any], events: list[Any]) -> list[int]:
    """Send events to the target, and return the places of those that it refused."""
    target, parameters = pipe["Target"], pipe.get("TargetParameters", {})
    payloads = [made(pipe, parameters.get("InputTemplate"), each) for each in events]
    if not events:
        return []
    if deliver.service_of(target) in WHOLE:
        return _whole(target, payloads, events, parameters)
    given = {
        k: v for each in parameters.values() if isinstance(each, dict) for k, v in each.items()
    }
    failed = []
    for place, (event, payload) in enumerate(zip(events, payloads, strict=True)):
        own = {k: templates.value_of(v, event) for k, v in given.items() if k in NAMES}
        text = payload if isinstance(payload, str) else json.dumps(payload)
        try:
            deliver.send(target, text, own)
        except Exception as error:  # noqa: BLE001  whatever it is, the event has to come again
            sys.stderr.write(f"{target} refused an event: {error}\n")
            failed.append(place)
    return failed


def _whole(
    target: str, payloads: list[Any], events: list[Any], parameters: Mapping[str, Any]
) -> list[int]:
    text = json.dumps(payloads)
    way = parameters.get("LambdaFunctionParameters", {}).get("InvocationType")
    if deliver.service_of(target) == "states" or way == "FIRE_AND_FORGET":
        deliver.send(target, text, {})
        return []
    answer = deliver.called(target, text)
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    failed = {each["itemIdentifier"] for each in failures or []}
    return [n for n, each in enumerate(events) if _names(each) & failed]


def _names(event: Any) -> set[str]:
    """Return how a target may name an event in its answer."""
    if not isinstance(event, dict):
        return set()
    change = event.get("dynamodb") or {}
    known = (event.get("messageId"), event.get("sequenceNumber"), event.get("eventID"))
    return {str(each) for each in (*known, change.get("SequenceNumber")) if each}
