"""Events as AWS makes them, and what tests do with the answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mypy_boto3_dynamodb import DynamoDBClient

from shared.attributes import to_item

REGION = "eu-central-1"
TABLE = "orders-table"
BUS = "orders-bus"
UPLOADS = "uploads-bucket"
JOBS = "jobs-table"
QUEUE_URL = "https://sqs.eu-central-1.amazonaws.com/123456789012"
CUSTOMER = "b3a4c8d2-90a1-7060-b0ce-5f7f1e9a0c11"
OTHER_CUSTOMER = "93c4d832-1061-70c2-7a54-a1c5f0de4b22"
PAYMENT_TOKEN = "tok_visa_4242"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.secret.signature"
VARIABLES = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    "AWS_EC2_METADATA_DISABLED": "true",
    "POWERTOOLS_SERVICE_NAME": "orders",
    "POWERTOOLS_METRICS_NAMESPACE": "serverless-toolkit",
    "ORDERS_TABLE_NAME": TABLE,
    "ORDERS_BUS_NAME": BUS,
    "UPLOADS_BUCKET_NAME": UPLOADS,
    "JOBS_TABLE_NAME": JOBS,
    "JOB_QUEUE_URL": f"{QUEUE_URL}/jobs",
    "JOB_DEAD_LETTERS_URL": f"{QUEUE_URL}/jobs-dead-letters",
    "JOB_VISIBILITY_SECONDS": "60",
    "JOB_LIMITS": '{"function": {"seconds": 900, "memory_mb": 1024, "disk_mb": 512}}',
    "IMPORT_ROWS_PER_SECOND": "1000000",
    "DELIVERIES_TABLE_NAME": "deliveries-table",
    "STATISTICS_TABLE_NAME": "statistics-table",
    "ANALYTICS_DEAD_LETTERS_QUEUE_URL": "https://sqs/analytics-dead-letters",
    "NOTIFICATIONS_DEAD_LETTERS_QUEUE_URL": "https://sqs/notifications-dead-letters",
    "SHIPPING_DEAD_LETTERS_QUEUE_URL": "https://sqs/shipping-dead-letters",
    "PUBLISH_ORDERS_DEAD_LETTERS_QUEUE_URL": "https://sqs/publish-orders-dead-letters",
}
BODY: dict[str, Any] = {
    "currency": "EUR",
    "lines": [
        {"sku": "tea-100", "quantity": 3, "unit_price": 499},
        {"sku": "cup.blue", "quantity": 1, "unit_price": 1_250},
    ],
    "payment_token": PAYMENT_TOKEN,
}


@dataclass(frozen=True)
class Context:
    """What Lambda tells of an invocation."""

    function_name: str = "place-order-function"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:123456789012:function:place:live"
    aws_request_id: str = "8f5f0f1e-3a52-4c5c-8d8d-0f6ad4f2a111"
    remaining_ms: int = 900_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


CONTEXT = Context()


def http_event(
    method: str,
    path: str,
    *,
    customer: str | None = CUSTOMER,
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
    **more: object,
) -> dict[str, Any]:
    """Return an event of an HTTP API, payload format 2.0."""
    authorizer = {"jwt": {"claims": {"sub": customer, "token_use": "access"}, "scopes": None}}
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "authorization": f"Bearer {TOKEN}",
            "host": "api.example.com",
            **(headers or {}),
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            **({"authorizer": authorizer} if customer else {}),
            "domainName": "api.example.com",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "tests",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": f"{method} {path}",
            "stage": "$default",
            "time": "24/Nov/2026:10:00:00 +0000",
            "timeEpoch": 1795514400000,
        },
        **({} if body is None else {"body": body}),
        "isBase64Encoded": False,
        **more,
    }


def place_event(
    body: object = BODY,
    *,
    key: str = "key-1",
    customer: str | None = CUSTOMER,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a POST /orders; a body that is no text is sent as JSON."""
    return http_event(
        "POST",
        "/orders",
        customer=customer,
        headers={"content-type": "application/json", "idempotency-key": key, **(headers or {})},
        body=body if isinstance(body, str) else json.dumps(body),
    )


def get_event(order_id: str, *, customer: str | None = CUSTOMER) -> dict[str, Any]:
    """Return a GET /orders/{order_id}."""
    parameters = {"order_id": order_id}
    path = f"/orders/{order_id}"
    return http_event("GET", path, customer=customer, pathParameters=parameters)


def list_event(*, customer: str | None = CUSTOMER, **query: str) -> dict[str, Any]:
    """Return a GET /orders."""
    # API Gateway leaves the member out when there is no query.
    more: dict[str, Any] = {"queryStringParameters": query} if query else {}
    return http_event("GET", "/orders", customer=customer, **more)


def stored_order(number: int = 1, **changes: object) -> dict[str, Any]:
    """Return an order as the table keeps it."""
    return {
        "order_id": f"0a4b6c5e-7f1c-5d1e-9d6c-{number:012x}",
        "customer_id": CUSTOMER,
        "placed_at": f"2026-11-24T10:00:00.{number:06d}Z",
        "status": "PLACED",
        "open_shard": f"{number:x}"[-1],
        "open_since": f"2026-11-24T10:00:00.{number:06d}Z",
        "currency": "EUR",
        "lines": BODY["lines"],
        "total": 2_747,
        "payment_token": PAYMENT_TOKEN,
        "request_hash": "0" * 64,
        "version": 1,
        **changes,
    }


def ended_order(number: int = 1, status: str = "CONFIRMED", **changes: object) -> dict[str, Any]:
    """Return an order as the workflow leaves it when it has ended."""
    ended = stored_order(
        number,
        status=status,
        ended_at="2026-11-24T10:00:07.123Z",
        reason="" if status == "CONFIRMED" else "the card was declined",
        **changes,
    )
    del ended["open_shard"], ended["open_since"]
    return ended


def stream_record(
    number: int = 1,
    *,
    name: str = "INSERT",
    image: Mapping[str, Any] | None = None,
    old: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a record of the table's stream; its sequence number is the given number."""
    new = to_item(stored_order(number)) if image is None else image
    return {
        "eventID": f"{number:032x}",
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": 1795514400.0,
            "Keys": to_item({"order_id": stored_order(number)["order_id"]}),
            "NewImage": new,
            **({} if old is None else {"OldImage": old}),
            "SequenceNumber": str(number),
            "SizeBytes": 412,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": f"arn:aws:dynamodb:{REGION}:123456789012:table/{TABLE}/stream/1",
    }


def bus_event(kind: str = "OrderConfirmed", **changes: object) -> dict[str, Any]:
    """Return an event as consumers get it from the bus; changes are made in its detail."""
    name = f"order_{kind.removeprefix('Order').lower()}_v1.json"
    event: dict[str, Any] = json.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
    event["detail"] |= changes
    return event


def queue_event(*bodies: Mapping[str, Any] | str) -> dict[str, Any]:
    """Return a batch of messages of a queue; their ids are their numbers, from 1 on."""
    records = [
        {
            "messageId": str(number),
            "receiptHandle": f"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a{number}",
            "body": body if isinstance(body, str) else json.dumps(body),
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1795514407123",
                "SenderId": "AIDAIT2UOQQY3AUEKVGXU",
                "ApproximateFirstReceiveTimestamp": "1795514407456",
            },
            "messageAttributes": {},
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:notifications",
            "awsRegion": REGION,
        }
        for number, body in enumerate(bodies, 1)
    ]
    return {"Records": records}


def failures(answer: Mapping[str, Any]) -> list[str]:
    """Return the ids of a batch's failed items."""
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def stored(table: DynamoDBClient) -> int:
    """Return how many orders the table has."""
    return table.scan(TableName=TABLE, Select="COUNT", ConsistentRead=True)["Count"]


def document(answer: Mapping[str, Any], status: int) -> dict[str, Any]:
    """Return the body of an answer of the given status."""
    assert answer["statusCode"] == status, answer
    body: dict[str, Any] = json.loads(answer["body"])
    return body


def problem(answer: Mapping[str, Any], status: int, name: str) -> dict[str, Any]:
    """Return the problem document of a refusal."""
    body = document(answer, status)
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert body["type"] == f"urn:problem-type:{name}"
    assert body["status"] == status
    assert {"title", "detail", "request_id"} <= body.keys()
    return body
