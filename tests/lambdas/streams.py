"""Batches of a data stream as Lambda delivers them, and what the statistics then hold."""

import base64
import json
from typing import Any

from mypy_boto3_dynamodb import DynamoDBClient

from shared.attributes import from_item
from tests.lambdas.builders import REGION, bus_event

TABLE = "statistics-table"
WINDOW = {"start": "2026-11-24T10:00:00Z", "end": "2026-11-24T10:01:00Z"}


def event(number: int = 1, kind: str = "OrderConfirmed", **changes: object) -> dict[str, Any]:
    return bus_event(kind, order_id=f"order-{number}", **changes)


def batch(*events: dict[str, Any] | bytes, **more: object) -> dict[str, Any]:
    """Return records of a stream; their sequence numbers are their numbers, from 1 on."""
    records = []
    for number, each in enumerate(events, 1):
        data = each if isinstance(each, bytes) else json.dumps(each).encode()
        kinesis = {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": f"order-{number}",
            "sequenceNumber": str(number),
            "data": base64.b64encode(data).decode(),
            "approximateArrivalTimestamp": 1_795_514_407.123,
        }
        record = {
            "kinesis": kinesis,
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"shardId-000000000000:{number}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "arn:aws:iam::123456789012:role/aggregate",
            "awsRegion": REGION,
            "eventSourceARN": f"arn:aws:kinesis:{REGION}:123456789012:stream/order-events",
        }
        records.append(record)
    return {"Records": records, **more}


def window(*events: dict[str, Any], state: object = None, final: bool = False) -> dict[str, Any]:
    return batch(
        *events,
        window=WINDOW,
        state=state or {},
        shardId="shardId-000000000000",
        eventSourceARN=f"arn:aws:kinesis:{REGION}:123456789012:stream/order-events",
        isFinalInvokeForWindow=final,
        isWindowTerminatedEarly=False,
    )


def items(statistics: DynamoDBClient) -> dict[str, dict[str, Any]]:
    pages = statistics.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
    found = [from_item(item) for page in pages for item in page["Items"]]
    return {item.pop("id"): item for item in found}


def counters(statistics: DynamoDBClient) -> dict[str, dict[str, Any]]:
    return {id_: item for id_, item in items(statistics).items() if not id_.startswith("event#")}
