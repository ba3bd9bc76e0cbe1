"""A hermetic environment, the table and the handlers, each made anew for a test."""

import importlib
import io
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import boto3
import moto
import pytest
from botocore.exceptions import EndpointConnectionError
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client
from mypy_boto3_sqs import SQSClient

from tests.lambdas import tables
from tests.lambdas.builders import JOBS, REGION, TABLE, UPLOADS, VARIABLES
from tests.lambdas.partiql import insert_once


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_XRAY_DAEMON_ADDRESS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def aws(environment: None) -> Iterator[None]:
    with moto.mock_aws():
        yield


@pytest.fixture
def one_at_a_time(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    tables.one_at_a_time(monkeypatch)
    insert_once(monkeypatch)


def made(name: str, key: str, **indexes: tuple[str, str]) -> DynamoDBClient:
    """Make a table, with indexes by their partition and sort keys."""
    client = boto3.client("dynamodb", region_name=REGION)
    names = {key, *(each for keys in indexes.values() for each in keys)}
    more: Any = {"GlobalSecondaryIndexes": [*map(_index, indexes.items())]} if indexes else {}
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": each, "AttributeType": "S"} for each in sorted(names)
        ],
        **more,
    )
    return client


def _index(named: tuple[str, tuple[str, str]]) -> Any:
    name, (key, sort) = named
    return {
        "IndexName": name,
        "KeySchema": [
            {"AttributeName": key, "KeyType": "HASH"},
            {"AttributeName": sort, "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }


@pytest.fixture
def table(one_at_a_time: None) -> DynamoDBClient:
    return made(
        TABLE,
        "order_id",
        by_customer=("customer_id", "placed_at"),
        by_open=("open_shard", "open_since"),
    )


@pytest.fixture
def s3(aws: None) -> S3Client:
    client = boto3.client("s3", region_name=REGION)
    client.create_bucket(
        Bucket=UPLOADS, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return client


@pytest.fixture
def orders(environment: None) -> ModuleType:
    return importlib.import_module("orders.handler")


@pytest.fixture
def routes(environment: None) -> ModuleType:
    return importlib.import_module("orders.routes")


@pytest.fixture
def outbox(environment: None) -> ModuleType:
    return importlib.import_module("orders.outbox")


@pytest.fixture
def jobs(one_at_a_time: None) -> DynamoDBClient:
    """The table of jobs."""
    return made(JOBS, "job_id", by_end=("ended_on", "ended_at"))


@pytest.fixture
def sqs(aws: None) -> SQSClient:
    """The queue of jobs, and that of those given up."""
    client = boto3.client("sqs", region_name=REGION)
    for name in ("jobs", "jobs-dead-letters"):
        client.create_queue(QueueName=name)
    return client


@pytest.fixture
def imports(environment: None) -> ModuleType:
    return importlib.import_module("imports.handler")


@pytest.fixture
def deliveries(one_at_a_time: None) -> DynamoDBClient:
    return made("deliveries-table", "delivery_id")


@pytest.fixture
def statistics(one_at_a_time: None) -> DynamoDBClient:
    return made("statistics-table", "id")


class Letters:
    """A queue of dead letters; while it is `down`, nothing can be put away."""

    def __init__(self) -> None:
        self.down = False
        self.put_away: list[tuple[Any, str]] = []

    def put(self, body: Any, reason: str) -> None:
        if self.down:
            raise EndpointConnectionError(endpoint_url="https://sqs")
        self.put_away.append((body, reason))


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def analytics(environment: None, letters: Letters, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    aggregate = importlib.import_module("analytics.handler")
    monkeypatch.setattr(aggregate, "dead_letters", letters)
    monkeypatch.setattr(aggregate.store, "FIRST_WAIT_SECONDS", 0)
    return aggregate


class Log(io.StringIO):
    """What the functions logged."""

    def lines(self, message: str) -> list[dict[str, Any]]:
        every = [json.loads(line) for line in self.getvalue().splitlines()]
        return [line for line in every if line["message"] == message]


@pytest.fixture
def log(environment: None, monkeypatch: pytest.MonkeyPatch) -> Log:
    logger = importlib.import_module("shared.observability").logger
    log = Log()
    monkeypatch.setattr(logger.registered_handler, "stream", log)
    return log
