"""The proxy of faults in front of an emulator of its own."""

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.aws import client
from local.chaos.plan import NO_ANSWER, faults_of
from local.chaos.proxy import Proxy
from local.emulator.process import Emulator
from local.emulator.settings import ACCESS_KEY, SECRET_KEY
from local.errors import LocalError

pytestmark = pytest.mark.local
ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=1)
Start = Callable[[int], Proxy]


@pytest.fixture
def start(emulator: Emulator) -> Iterator[Start]:
    made: list[Proxy] = []

    def go(seed: int) -> Proxy:
        made.append(Proxy(emulator.endpoint, seed, emulator.scratch))
        made[-1].start()
        return made[-1]

    yield go
    for proxy in made:
        proxy.stop()


@pytest.fixture
def table(emulator: Emulator) -> str:
    name = f"things-{uuid.uuid4()}"
    client(emulator.endpoint, "dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def impatient(
    proxy: Proxy, key: str = ACCESS_KEY, *, secret: str = SECRET_KEY, service: str = "dynamodb"
) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name="us-east-1",
        endpoint_url=proxy.endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=ONCE,
    )


def put(dynamodb: Any, table: str, id_: str = "one") -> str:
    """Put a thing once, and return what came of it."""
    condition = "attribute_not_exists(id)"
    item = {"id": {"S": id_}}
    try:
        dynamodb.put_item(TableName=table, Item=item, ConditionExpression=condition)
    except ClientError as error:
        code: str = error.response["Error"]["Code"]
        return code
    except BotoCoreError as error:
        return type(error).__name__
    return "put"


def user(emulator: Emulator) -> tuple[str, str]:
    """Make a user who may write to tables; of the root user, no signature is checked."""
    iam, name = client(emulator.endpoint, "iam"), f"user-{uuid.uuid4()}"
    iam.create_user(UserName=name)
    actions = ["dynamodb:PutItem", "lambda:GetFunction"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="write", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def test_without_rules_calls_pass_with_their_own_signature(
    start: Start, emulator: Emulator, table: str
) -> None:
    proxy = start(1)
    key, secret = user(emulator)
    assert put(impatient(proxy, key, secret=secret), table) == "put"
    refused = put(impatient(proxy, key, secret="other"), table, "two")
    assert refused == "InvalidSignatureException"
    assert proxy.fired() == []


def test_a_path_stays_as_it_was_quoted_and_signed(start: Start, emulator: Emulator) -> None:
    key, secret = user(emulator)
    lambdas = impatient(start(1), key, secret=secret, service="lambda")
    arn = "arn:aws:lambda:us-east-1:000000000000:function:none"
    with pytest.raises(lambdas.exceptions.ResourceNotFoundException):
        lambdas.get_function(FunctionName=arn)


def test_an_objects_length_is_told(start: Start, emulator: Emulator) -> None:
    name = f"files-{uuid.uuid4()}"
    client(emulator.endpoint, "s3").create_bucket(Bucket=name)
    s3 = client(start(1).endpoint, "s3")
    s3.put_object(Bucket=name, Key="a/b c.csv", Body=b"x" * 100_000)
    found = s3.get_object(Bucket=name, Key="a/b c.csv")
    assert found["ContentLength"] == len(found["Body"].read()) == 100_000
    assert s3.head_object(Bucket=name, Key="a/b c.csv")["ContentLength"] == 100_000


@pytest.mark.parametrize(
    ("rule", "told", "done"),
    [
        ({"error": {"code": "ThrottlingException"}}, "ThrottlingException", False),
        ({"reset": True}, "ConnectionClosedError", False),
        ({"response": NO_ANSWER}, "ConnectionClosedError", True),
        ({"timeout_ms": 2_000}, "ReadTimeoutError", False),
    ],
    ids=["throttled", "reset", "unheard", "silent"],
)
def test_each_fault_is_what_its_name_says(
    start: Start, table: str, rule: dict[str, Any], told: str, done: bool
) -> None:
    proxy = start(1)
    proxy.use([{"service": "dynamodb", "operation": "PutItem", **rule}])
    assert put(impatient(proxy), table) == told
    assert [event["operation"] for event in proxy.fired()] == ["PutItem"]
    proxy.use([])
    assert put(impatient(proxy), table) == ("ConditionalCheckFailedException" if done else "put")


def test_the_same_seed_befalls_the_same_calls(start: Start, table: str) -> None:
    rules = [rule for rule in faults_of("dynamodb", ("A", "B")) if "error" in rule]

    def fared(seed: int) -> list[str]:
        proxy = start(seed)
        proxy.use(rules)
        return [put(impatient(proxy), table) for _ in range(100)]

    first = fared(7)
    assert {"A", "B"} <= set(first)
    assert fared(7)[1:] == first[1:]
    assert fared(8)[1:] != first[1:]


def test_what_stops_the_emulator_stops_the_proxy(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path)
    try:
        emulator.start()
        proxy = Proxy(emulator.endpoint, 1, emulator.scratch)
        proxy.start()
    finally:
        emulator.stop()
    with pytest.raises(httpx.HTTPError):
        proxy.fired()
    proxy.stop()


def test_a_proxy_that_does_not_start_says_why(emulator: Emulator) -> None:
    proxy = Proxy(emulator.endpoint, 1, emulator.scratch, server="local.chaos.nothing")
    with pytest.raises(LocalError, match=r"(?s)did not start.*No module named"):
        proxy.start()
