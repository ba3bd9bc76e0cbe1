"""Tables in moto that take one call at a time, as DynamoDB's items do and moto's do not."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from moto.dynamodb.responses import DynamoHandler
from mypy_boto3_dynamodb import DynamoDBClient

from shared.attributes import from_item
from tests.lambdas.builders import REGION

CALLS = (
    *("batch_execute_statement", "get_item", "put_item", "query", "transact_write_items"),
    "update_item",
)


def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one call at a time be answered: moto makes answers of items that others still change."""
    lock = threading.Lock()

    def alone(call: Callable[..., Any]) -> Callable[..., Any]:
        def locked(*args: Any, **settings: Any) -> Any:
            with lock:
                return call(*args, **settings)

        return locked

    for name in CALLS:
        monkeypatch.setattr(DynamoHandler, name, alone(getattr(DynamoHandler, name)))


def make(*keys: tuple[str, str]) -> DynamoDBClient:
    """Make tables of the given names and keys."""
    client = boto3.client("dynamodb", region_name=REGION)
    for name, key in keys:
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        )
    return client


def items(client: DynamoDBClient, table: str) -> list[dict[str, Any]]:
    return [from_item(item) for item in client.scan(TableName=table, ConsistentRead=True)["Items"]]


@contextmanager
def lost_answer(client: object, call: str) -> Iterator[None]:
    """Let a call have its effect, and its answer never arrive."""
    with pytest.MonkeyPatch.context() as patch:
        whole = getattr(client, call)

        def silent(**request: Any) -> None:
            whole(**request)
            raise ReadTimeoutError(endpoint_url="https://dynamodb")

        patch.setattr(client, call, silent)
        yield
