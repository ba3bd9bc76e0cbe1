"""PartiQL on the local stage."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from local.aws import client
from local.emulator.partiql import decide_by_statements
from local.emulator.process import Emulator

PLACE = ("us-east-1", "000000000000")


@pytest.fixture
def actions() -> Any:
    """The emulator's IAM, which knows the call's name, and tables that a request names."""

    def action(service: str, _method: str, _path: str, headers: Any, *_: Any) -> str:
        return f"{service}:{headers['call']}"

    def resource(
        _service: str, _method: str, _path: str, _headers: Any, body: Any, *_: Any
    ) -> str:
        return json.loads(body).get("TableName", "*") if body.startswith(b"{") else "*"

    made = SimpleNamespace(extract_iam_action=action, extract_resource_arn=resource)
    decide_by_statements(made)
    return made


def asked(actions: Any, call: str, body: Any, service: str = "dynamodb") -> tuple[str, str]:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    request: tuple[Any, ...] = (service, "POST", "/", {"call": call}, text, {})
    return (
        actions.extract_iam_action(*request),
        actions.extract_resource_arn(*request, *PLACE),
    )


@pytest.mark.parametrize(
    ("statement", "right"),
    [
        ("INSERT INTO \"orders\" VALUE {'id': ?}", "PartiQLInsert"),
        ('select * from "orders" where id = ?', "PartiQLSelect"),
        ('UPDATE "orders" SET a = 1 WHERE id = ?', "PartiQLUpdate"),
        ('DELETE FROM "orders" WHERE id = ?', "PartiQLDelete"),
    ],
)
def test_a_right_is_of_what_a_statement_does_and_the_table_that_it_names(
    actions: Any, statement: str, right: str
) -> None:
    wanted = (f"dynamodb:{right}", "arn:aws:dynamodb:us-east-1:000000000000:table/orders")
    one = {"Statement": statement}
    assert asked(actions, "ExecuteStatement", one) == wanted
    assert asked(actions, "BatchExecuteStatement", {"Statements": [one]}) == wanted
    assert asked(actions, "ExecuteTransaction", {"TransactStatements": [one]}) == wanted


def test_all_else_is_decided_as_before(actions: Any) -> None:
    assert asked(actions, "PutItem", {"TableName": "t"}) == ("dynamodb:PutItem", "t")
    assert asked(actions, "ListTables", {}) == ("dynamodb:ListTables", "*")
    assert asked(actions, "SendMessage", {}, "sqs") == ("sqs:SendMessage", "*")
    assert asked(actions, "ExecuteStatement", b"no JSON") == ("dynamodb:ExecuteStatement", "*")
    assert asked(actions, "ExecuteStatement", {"Statement": "?"})[0] == "dynamodb:ExecuteStatement"


@pytest.mark.local
def test_the_stream_of_a_table_tells_of_what_is_inserted_once(emulator: Emulator) -> None:
    dynamodb = client(emulator.endpoint, "dynamodb")
    table = dynamodb.create_table(
        TableName="inserted",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    insert = {
        "Statement": "INSERT INTO \"inserted\" VALUE {'id': ?, 'total': ?}",
        "Parameters": [{"S": "a"}, {"N": "1"}],
    }
    for _ in range(2):
        dynamodb.batch_execute_statement(Statements=[insert])
    streams = client(emulator.endpoint, "dynamodbstreams")
    arn = table["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    start = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    (record,) = streams.get_records(ShardIterator=start)["Records"]
    assert record["eventName"] == "INSERT"
    assert record["dynamodb"]["NewImage"] == {"id": {"S": "a"}, "total": {"N": "1"}}
