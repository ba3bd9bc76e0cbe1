"""What is put away is found with its reason."""

import importlib
import json
from typing import Any

import boto3
import pytest
from mypy_boto3_sqs import SQSClient
from mypy_boto3_sqs.type_defs import MessageTypeDef

from tests.lambdas.builders import REGION

MOST_BYTES = 1_000_000


@pytest.fixture
def sqs(aws: None) -> SQSClient:
    return boto3.client("sqs", region_name=REGION)


def put(sqs: SQSClient, body: Any, reason: str = "because") -> MessageTypeDef:
    """Put something away and return it as it is found."""
    url = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    importlib.import_module("shared.dead_letters").DeadLetters(url).put(body, reason)
    [message] = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    return message


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("as it came", "as it came"),
        ({"detail": {"version": 99}}, '{"detail": {"version": 99}}'),
        ("", '""'),
        ("nul \x00", '"nul \\u0000"'),
        ("half \ud800", '"half \\ud800"'),
        ("noncharacter \uffff", '"noncharacter \\uffff"'),
        ("tea 🍵\n", "tea 🍵\n"),
    ],
)
def test_whatever_came_is_put_away_with_its_reason(sqs: SQSClient, body: Any, found: str) -> None:
    message = put(sqs, body)
    assert message["Body"] == found
    assert message["MessageAttributes"]["Reason"]["StringValue"] == "because"


@pytest.mark.parametrize(
    ("reason", "found"), [("", "unknown"), ("nul \x00", "nul ?"), ("x" * 5_000, "x" * 1_024)]
)
def test_a_reason_is_one_that_sqs_takes(sqs: SQSClient, reason: str, found: str) -> None:
    message = put(sqs, "body", reason)
    assert message["MessageAttributes"]["Reason"]["StringValue"] == found


def test_a_body_over_the_limit_is_cut(sqs: SQSClient) -> None:
    found = put(sqs, json.dumps({"long": "é" * MOST_BYTES}, ensure_ascii=False))["Body"]
    assert found.startswith('{"long": "éé')
    assert MOST_BYTES - 2 < len(found.encode()) <= MOST_BYTES
