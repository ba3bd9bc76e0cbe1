"""The orders system on a local stage of its own, reached through its public doors only."""

import base64
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from local.stage import LocalStage

BODY = {
    "currency": "EUR",
    "lines": [{"sku": "tea-green", "quantity": 2, "unit_price": 450}],
    "payment_token": "tok_visa",
}


@dataclass(frozen=True)
class Customer:
    """A customer who has signed in."""

    http: httpx.Client
    token: str

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.http.request(method, path, headers=headers, **options)

    def place(self, key: str, body: object = BODY) -> httpx.Response:
        return self.request("POST", "/orders", json=body, headers={"idempotency-key": key})


@dataclass
class Deployed:
    """A running stage, and what a tester does to it."""

    stage: LocalStage
    outputs: dict[str, Any]

    def client(self, service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name="us-east-1",
            endpoint_url=self.stage.endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def orders(self) -> list[dict[str, Any]]:
        return self.items("orders_table_name")

    def items(self, output: str) -> list[dict[str, Any]]:
        """Return all items of the table that an output names."""
        pages = self.client("dynamodb").get_paginator("scan")
        table = self.outputs[output]
        return [item for page in pages.paginate(TableName=table) for item in page["Items"]]

    def put_event(self, kind: str, detail: dict[str, Any]) -> None:
        """Put an event on the bus, as its outbox does."""
        entry = {
            "EventBusName": self.outputs["orders_bus_name"],
            "Source": "orders",
            "DetailType": kind,
            "Detail": json.dumps(detail),
        }
        answer = self.client("events").put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0

    def dead_letter(self, output: str, marker: str, polls: int = 30) -> str:
        """Return the reason with which what holds a marker was put away."""
        sqs, url = self.client("sqs"), self.outputs[output]
        for _ in range(polls):
            answer = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=1,
                MessageAttributeNames=["All"],
                VisibilityTimeout=1,
            )
            for message in answer.get("Messages", []):
                if marker in message["Body"]:
                    reason: str = message["MessageAttributes"]["Reason"]["StringValue"]
                    return reason
        raise AssertionError(f"nothing with {marker} is in {output}")

    def events(self, wanted: set[str], polls: int = 300) -> list[dict[str, Any]]:
        """Receive events until all orders wanted have one, then until the queue is empty."""
        sqs, url = self.client("sqs"), self.outputs["events_queue_url"]
        found: list[dict[str, Any]] = []
        for _ in range(polls):
            seen = {event["detail"].get("order_id") for event in found}
            batch = sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0 if wanted <= seen else 2
            ).get("Messages", [])
            if not batch and wanted <= seen:
                return found
            for message in batch:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    stage = LocalStage(state=tmp_path_factory.mktemp("stage"))
    try:
        stage.up()
        yield Deployed(stage, stage.outputs())
    finally:
        stage.down()


@pytest.fixture(scope="session")
def http(deployed: Deployed) -> Iterator[httpx.Client]:
    limits = httpx.Limits(max_connections=20)
    with httpx.Client(base_url=deployed.outputs["api_url"], timeout=60, limits=limits) as client:
        yield client


@pytest.fixture(scope="session")
def sign_in(deployed: Deployed, http: httpx.Client) -> Callable[[], Customer]:
    cognito = deployed.client("cognito-idp")
    pool = deployed.outputs["user_pool_id"]

    def make() -> Customer:
        name, password = f"{uuid.uuid4()}@example.com", "Correct-Horse-9-Battery"
        cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(
            UserPoolId=pool, Username=name, Password=password, Permanent=True
        )
        answer = cognito.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=deployed.outputs["user_pool_client_id"],
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": password},
        )
        return Customer(http, answer["AuthenticationResult"]["AccessToken"])

    return make


@pytest.fixture
def customer(sign_in: Callable[[], Customer]) -> Customer:
    return sign_in()


def _decoded(part: str) -> dict[str, Any]:
    padded = part + "=" * (-len(part) % 4)
    value: dict[str, Any] = json.loads(base64.urlsafe_b64decode(padded))
    return value


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(token: str, key: rsa.RSAPrivateKey, **claims: Any) -> str:
    """Return a token with other claims, signed with a key."""
    header, payload, _ = token.split(".")
    payload = _encoded(json.dumps({**_decoded(payload), **claims}).encode())
    signature = key.sign(f"{header}.{payload}".encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{header}.{payload}.{_encoded(signature)}"


@pytest.fixture
def expired(deployed: Deployed, customer: Customer) -> str:
    """A token of the pool's own key that was good until an hour ago."""
    (pem,) = Path(deployed.stage.state).rglob(f"{deployed.outputs['user_pool_id']}-access.pem")
    key = serialization.load_pem_private_key(pem.read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    # The same key makes a good token: only the date is wrong with the other.
    good = signed(customer.token, key, exp=int(time.time()) + 3_600)
    assert Customer(customer.http, good).request("GET", "/orders").status_code == 200
    return signed(customer.token, key, exp=int(time.time()) - 3_600)


@pytest.fixture
def forged(customer: Customer) -> str:
    """A token with the claims of a good one, signed with somebody's own key."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    return signed(customer.token, key)
