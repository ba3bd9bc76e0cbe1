"""INSERT as DynamoDB has it: moto's overwrites what is there, and reads the whole table for it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from moto.dynamodb.exceptions import ConditionalCheckFailed
from moto.dynamodb.models import DynamoDBBackend

INTO = re.compile(r'INSERT INTO "([^"]+)" VALUE')
NAMES = re.compile(r"'(\w+)': \?")


def insert_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a batch of INSERTs refuse each item that is there, and write the others."""

    def batch(backend: Any, statements: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        assert len(statements) <= 25
        return [_inserted(backend, each) for each in statements]

    monkeypatch.setattr(DynamoDBBackend, "batch_execute_statement", batch)


def _inserted(backend: Any, statement: Mapping[str, Any]) -> dict[str, Any]:
    found = INTO.match(statement["Statement"])
    assert found, statement
    names = NAMES.findall(statement["Statement"])
    item = dict(zip(names, statement["Parameters"], strict=True))
    key = backend.get_table(found[1]).hash_key_attr
    try:
        backend.put_item(found[1], item, condition_expression=f"attribute_not_exists({key})")
    except ConditionalCheckFailed:
        message = "Duplicate primary key exists in table"
        return {"Error": {"Code": "DuplicateItem", "Message": message}, "TableName": found[1]}
    return {"TableName": found[1]}
