"""The tables and tasks of fulfilment, made anew for a test."""

import importlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, TypeAlias

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from shared.attributes import to_item
from tests.lambdas import tables
from tests.lambdas.builders import CONTEXT, TABLE
from tests.lambdas.fulfilment.names import INVENTORY, PAYMENTS, RESERVATIONS, VARIABLES

Run: TypeAlias = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def variables(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def store(aws: None, monkeypatch: pytest.MonkeyPatch) -> DynamoDBClient:
    tables.one_at_a_time(monkeypatch)
    return tables.make(
        (TABLE, "order_id"),
        (PAYMENTS, "order_id"),
        (INVENTORY, "sku"),
        (RESERVATIONS, "order_id"),
    )


@pytest.fixture
def payment(variables: None) -> ModuleType:
    return importlib.import_module("fulfilment.payment")


@pytest.fixture
def inventory(variables: None) -> ModuleType:
    return importlib.import_module("fulfilment.inventory")


@pytest.fixture
def sandbox(variables: None) -> ModuleType:
    return importlib.import_module("fulfilment.sandbox")


@pytest.fixture
def run(variables: None) -> Run:
    """Run a task by its name, as the workflow does, with some of an event's detail."""
    modules = {
        "check_payment": "payment",
        "charge_payment": "payment",
        "refund_payment": "refund",
        "reserve_stock": "stock",
        "release_stock": "stock",
    }

    def go(task: str, order_id: str, **detail: object) -> dict[str, Any]:
        handler = getattr(importlib.import_module(f"fulfilment.{modules[task]}"), task)
        output: dict[str, Any] = handler({"order_id": order_id, **detail}, CONTEXT)
        return output

    return go


@pytest.fixture
def pay(store: DynamoDBClient) -> Callable[..., None]:
    """Give orders a payment token."""

    def go(token: str, *order_ids: str) -> None:
        for order_id in order_ids:
            item = to_item({"order_id": order_id, "payment_token": token})
            store.put_item(TableName=TABLE, Item=item)

    return go


@pytest.fixture
def shelve(store: DynamoDBClient) -> Callable[[Mapping[str, int]], None]:
    """Fill the shelves."""

    def go(stock: Mapping[str, int]) -> None:
        for sku, available in stock.items():
            item = to_item({"sku": sku, "available": available})
            store.put_item(TableName=INVENTORY, Item=item)

    return go
