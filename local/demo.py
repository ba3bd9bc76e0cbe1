"""Real orders through the front door of the local stage, followed to their events."""

import json
import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from local.aws import client
from local.errors import LocalError

ORDERS: list[dict[str, Any]] = [
    {"currency": "EUR", "lines": [{"sku": "tea-green", "quantity": 2, "unit_price": 450}]},
    {"currency": "EUR", "lines": [{"sku": "cup-blue", "quantity": 4, "unit_price": 1250}]},
    {
        "currency": "USD",
        "lines": [
            {"sku": "tea-black", "quantity": 1, "unit_price": 500},
            {"sku": "pot-iron", "quantity": 1, "unit_price": 8900},
        ],
    },
]
POLLS = 30


def show(endpoint: str, outputs: Mapping[str, Any], console: Console) -> None:
    """Sign a customer in, place orders, and print the path of each.

    Raises:
        LocalError: when an order or its event does not arrive.
    """
    token = sign_in(endpoint, outputs)
    keys = [str(uuid.uuid4()) for _ in ORDERS]
    with _http(outputs["api_url"], token) as http:
        placed = [_place(http, key, body) for key, body in zip(keys, ORDERS, strict=True)]
        again = _place(http, keys[0], ORDERS[0])
        if again != placed[0]:
            raise LocalError("a repeated request did not return the order that it made before")
        listed = {order["order_id"] for order in _read(http, "/orders")["orders"]}
        events = dict(
            _events(endpoint, outputs["events_queue_url"], {o["order_id"] for o in placed})
        )
        read = {o["order_id"]: _read(http, f"/orders/{o['order_id']}") == o for o in placed}
        table = Table("order", "total", "placed", "read", "listed", "event on the bus")
        for order in placed:
            order_id = order["order_id"]
            row = ("yes" if f else "[red]no" for f in (read[order_id], order_id in listed))
            total = f"{order['total'] / 100:.2f} {order['currency']}"
            event = events.get(order_id, "[red]none")
            table.add_row(order_id.split("-")[0], total, order["status"], *row, event)
    console.print(table)
    _judge(set(read), {key for key, same in read.items() if same}, listed, set(events))
    _addresses(outputs, token, console)


def _judge(placed: set[str], read: set[str], listed: set[str], events: set[str]) -> None:
    """Raise for what is missing; the bus may have brought other orders' events meanwhile."""
    for found, what in ((read, "read back"), (listed, "listed"), (events, "told on the bus")):
        if placed - found:
            missing = ", ".join(sorted(placed - found))
            raise LocalError(f"not every order was {what} ({missing}): see `make logs`")


def sign_in(endpoint: str, outputs: Mapping[str, Any]) -> str:
    """Make a customer and return the access token of a sign-in."""
    cognito, pool = client(endpoint, "cognito-idp"), outputs["user_pool_id"]
    name, password = f"{uuid.uuid4()}@example.com", f"Aa1!{secrets.token_urlsafe(16)}"
    cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(
        UserPoolId=pool, Username=name, Password=password, Permanent=True
    )
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=outputs["user_pool_client_id"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password},
    )
    token: str = answer["AuthenticationResult"]["AccessToken"]
    return token


@contextmanager
def _http(url: str, token: str) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {token}"}
    # Whatever proxy the user has: this never leaves the machine.
    with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as http:
        yield http


def _place(http: httpx.Client, key: str, body: Mapping[str, Any]) -> dict[str, Any]:
    answer = http.post("/orders", json=body, headers={"idempotency-key": key})
    if answer.status_code != httpx.codes.CREATED:
        raise LocalError(f"POST /orders answered {answer.status_code}: {answer.text}")
    order: dict[str, Any] = answer.json()
    return order


def _read(http: httpx.Client, path: str) -> dict[str, Any]:
    answer = http.get(path)
    if answer.is_error:
        raise LocalError(f"GET {path} answered {answer.status_code}: {answer.text}")
    document: dict[str, Any] = answer.json()
    return document


def _events(endpoint: str, url: str, wanted: set[str]) -> Iterator[tuple[str, str]]:
    """Receive until each order wanted had its event, or none came for a minute."""
    sqs, missing = client(endpoint, "sqs"), set(wanted)
    for _ in range(POLLS):
        if not missing:
            return
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2)
        for message in answer.get("Messages", []):
            event = json.loads(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if event["detail-type"] == "OrderPlaced":
                missing.discard(event["detail"]["order_id"])
                yield event["detail"]["order_id"], event["detail-type"]


def _addresses(outputs: Mapping[str, Any], token: str, console: Console) -> None:
    url = outputs["api_url"]
    console.print(
        f"\nThe API: {url}\nTry it by hand, as a customer who is signed in for an hour:\n"
    )
    lines = (
        f"export API='{url}' TOKEN='{token}'",
        'curl $API/orders -H "authorization: Bearer $TOKEN" \\',
        "  -H 'idempotency-key: my-first-order' -H 'content-type: application/json' \\",
        f"  -d '{json.dumps(ORDERS[0])}'",
        'curl $API/orders -H "authorization: Bearer $TOKEN"',
    )
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False)
