"""Each type with a handler, from its creation to its end, on a real emulator."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from local.aws import client
from local.emulator.process import Emulator
from local.provider import wire
from local.provider.handler import HANDLERS
from local.provider.schema import schema
from tests.local.engine_side import Engine, Properties, connected

pytestmark = pytest.mark.local
ZIP = {wire.SIGNATURE: wire.ARCHIVE, "path": "code.zip", "hash": "1"}
OTHER_ZIP = {wire.SIGNATURE: wire.ARCHIVE, "path": "other.zip", "hash": "2"}
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:a"}],
    }
)


def zipped(path: Path, body: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("app.py", body)


@pytest.fixture(scope="module")
def engine(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    project = tmp_path_factory.mktemp("project")
    zipped(project / "code.zip", "def handle(event, context):\n    return {'one': event}\n")
    zipped(project / "other.zip", "def handle(event, context):\n    raise KeyError('two')\n")
    with connected(emulator.endpoint, project) as made:
        yield made


class World:
    """What other types need to exist."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.made: dict[str, tuple[str, Properties]] = {}

    def state(self, token: str, inputs: Properties) -> Properties:
        key = token + json.dumps(inputs, sort_keys=True)
        if key not in self.made:
            checked, failures = self.engine.check(token, inputs)
            assert not failures
            self.made[key] = self.engine.create(token, checked)
        return {**self.made[key][1], "id": self.made[key][0]}

    @property
    def role(self) -> Properties:
        return self.state("aws:iam/role:Role", {"assumeRolePolicy": TRUST})

    @property
    def queue(self) -> Properties:
        return self.state("aws:sqs/queue:Queue", {"name": "world"})

    @property
    def bus(self) -> Properties:
        return self.state("aws:cloudwatch/eventBus:EventBus", {"name": "world"})

    @property
    def rule(self) -> Properties:
        inputs = {"name": "world", "eventBusName": self.bus["name"], "eventPattern": '{"a":["b"]}'}
        return self.state("aws:cloudwatch/eventRule:EventRule", inputs)

    @property
    def function(self) -> Properties:
        inputs = {"name": "world", "role": self.role["arn"], "handler": "app.handle", "code": ZIP}
        return self.state("aws:lambda/function:Function", {**inputs, "publish": True})

    @property
    def api(self) -> Properties:
        return self.state("aws:apigatewayv2/api:Api", {"name": "world", "protocolType": "HTTP"})

    @property
    def pool(self) -> Properties:
        return self.state("aws:cognito/userPool:UserPool", {"name": "world"})

    @property
    def key(self) -> Properties:
        return self.state("aws:kms/key:Key", {"description": "world"})


@pytest.fixture(scope="module")
def world(engine: Engine) -> World:
    return World(engine)


TAGGED = {"tags": {"team": "a"}}
# What a type is made of, what is then changed in place (None: nothing can), what replaces it.
CASES: dict[str, Any] = {
    "aws:sqs/queue:Queue": lambda w: (
        {"visibilityTimeoutSeconds": 30, "sqsManagedSseEnabled": True, **TAGGED},
        {"visibilityTimeoutSeconds": 60, "tags": {"other": "b"}},
        {"fifoQueue": True},
    ),
    "aws:sqs/queuePolicy:QueuePolicy": lambda w: (
        {"queueUrl": w.queue["url"], "policy": POLICY},
        {"policy": POLICY.replace("SendMessage", "ReceiveMessage")},
        {"queueUrl": "another"},
    ),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": lambda w: (
        {"queueUrl": w.queue["url"], "redriveAllowPolicy": '{"redrivePermission": "denyAll"}'},
        {"redriveAllowPolicy": '{"redrivePermission": "allowAll"}'},
        {"queueUrl": "another"},
    ),
    "aws:dynamodb/table:Table": lambda w: (
        {
            "hashKey": "id",
            "attributes": [{"name": "id", "type": "S"}, {"name": "at", "type": "S"}],
            "billingMode": "PAY_PER_REQUEST",
            "globalSecondaryIndexes": [
                {
                    "name": "by_at",
                    "keySchemas": [{"attributeName": "at", "keyType": "HASH"}],
                    "projectionType": "ALL",
                }
            ],
            "ttl": {"attributeName": "end", "enabled": True},
            "pointInTimeRecovery": {"enabled": True},
            "streamEnabled": True,
            "streamViewType": "NEW_IMAGE",
            **TAGGED,
        },
        {
            "billingMode": "PROVISIONED",
            "readCapacity": 3,
            "writeCapacity": 2,
            "attributes": [{"name": "id", "type": "S"}, {"name": "of", "type": "S"}],
            "globalSecondaryIndexes": [
                {
                    "name": "by_of",
                    "keySchemas": [{"attributeName": "of", "keyType": "HASH"}],
                    "projectionType": "KEYS_ONLY",
                    "readCapacity": 3,
                    "writeCapacity": 2,
                }
            ],
            "streamViewType": "KEYS_ONLY",
            "pointInTimeRecovery": {"enabled": False},
            "tags": {},
        },
        {"hashKey": "of"},
    ),
    "aws:iam/role:Role": lambda w: (
        {"assumeRolePolicy": TRUST, **TAGGED},
        {"assumeRolePolicy": TRUST.replace("lambda", "states"), "tags": {"other": "b"}},
        {"path": "/other/"},
    ),
    "aws:iam/rolePolicy:RolePolicy": lambda w: (
        {"role": w.role["name"], "policy": POLICY},
        {"policy": POLICY.replace("SendMessage", "ReceiveMessage")},
        {"role": "another"},
    ),
    "aws:cloudwatch/logGroup:LogGroup": lambda w: (
        {"retentionInDays": 14, **TAGGED},
        {"retentionInDays": 30, "tags": {"other": "b"}},
        {"name": "another"},
    ),
    "aws:lambda/function:Function": lambda w: (
        {
            "role": w.role["arn"],
            "handler": "app.handle",
            "runtime": "python3.14",
            "code": ZIP,
            "memorySize": 128,
            "timeout": 5,
            "publish": True,
            "environment": {"variables": {"A": "1"}},
            "tracingConfig": {"mode": "Active"},
            **TAGGED,
        },
        {"memorySize": 256, "code": OTHER_ZIP, "environment": {"variables": {}}, "tags": {}},
        {"architectures": ["x86_64"]},
    ),
    "aws:lambda/alias:Alias": lambda w: (
        {"name": "live", "functionName": w.function["name"], "functionVersion": "1"},
        {"description": "the one that is called"},
        {"name": "other"},
    ),
    "aws:lambda/permission:Permission": lambda w: (
        {
            "action": "lambda:InvokeFunction",
            "function": w.function["name"],
            "principal": "events.amazonaws.com",
            "sourceArn": "arn:aws:events:us-east-1:000000000000:rule/x",
        },
        None,
        {"principal": "sns.amazonaws.com"},
    ),
    "aws:lambda/layerVersion:LayerVersion": lambda w: (
        {"layerName": "world", "code": ZIP, "compatibleRuntimes": ["python3.14"]},
        None,
        {"code": OTHER_ZIP},
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": lambda w: (
        {
            "eventSourceArn": w.queue["arn"],
            "functionName": w.function["arn"],
            "batchSize": 10,
            "functionResponseTypes": ["ReportBatchItemFailures"],
            "filterCriteria": {"filters": [{"pattern": '{"body": {"a": ["b"]}}'}]},
        },
        {"batchSize": 5},
        {"eventSourceArn": "arn:aws:sqs:us-east-1:000000000000:another"},
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": lambda w: (
        {"functionName": w.function["name"], "maximumRetryAttempts": 1},
        {"maximumRetryAttempts": 0},
        {"functionName": "another"},
    ),
    "aws:cloudwatch/eventBus:EventBus": lambda w: (
        {"description": "one", **TAGGED},
        {"description": "two", "tags": {"other": "b"}},
        {"name": "another"},
    ),
    "aws:cloudwatch/eventRule:EventRule": lambda w: (
        {"eventBusName": w.bus["name"], "eventPattern": '{"source":["a"]}', **TAGGED},
        {"eventPattern": '{"source":["b"]}', "tags": {"other": "b"}},
        {"eventBusName": "another"},
    ),
    "aws:cloudwatch/eventTarget:EventTarget": lambda w: (
        {
            "eventBusName": w.bus["name"],
            "rule": w.rule["name"],
            "arn": w.queue["arn"],
            "retryPolicy": {"maximumRetryAttempts": 5, "maximumEventAgeInSeconds": 600},
            "deadLetterConfig": {"arn": w.queue["arn"]},
            "inputTransformer": {"inputPaths": {"a": "$.detail"}, "inputTemplate": "<a>"},
        },
        {"retryPolicy": {"maximumRetryAttempts": 6}},
        {"rule": "another"},
    ),
    "aws:cloudwatch/eventArchive:EventArchive": lambda w: (
        {"eventSourceArn": w.bus["arn"], "retentionDays": 7},
        {"retentionDays": 14},
        {"name": "another"},
    ),
    "aws:apigatewayv2/api:Api": lambda w: (
        {"protocolType": "HTTP", "corsConfiguration": {"allowOrigins": ["https://a"]}},
        {"corsConfiguration": {"allowOrigins": ["https://b"]}},
        {"protocolType": "WEBSOCKET"},
    ),
    "aws:apigatewayv2/authorizer:Authorizer": lambda w: (
        {
            "apiId": w.api["id"],
            "authorizerType": "JWT",
            "identitySources": ["$request.header.Authorization"],
            "jwtConfiguration": {"issuer": "https://a", "audiences": ["1"]},
        },
        {"jwtConfiguration": {"issuer": "https://a", "audiences": ["2"]}},
        {"apiId": "another"},
    ),
    "aws:apigatewayv2/integration:Integration": lambda w: (
        {
            "apiId": w.api["id"],
            "integrationType": "AWS_PROXY",
            "integrationUri": w.function["invokeArn"],
            "payloadFormatVersion": "2.0",
            "timeoutMilliseconds": 20_000,
        },
        {"timeoutMilliseconds": 10_000},
        {"integrationType": "HTTP_PROXY"},
    ),
    "aws:apigatewayv2/route:Route": lambda w: (
        {"apiId": w.api["id"], "routeKey": "GET /a", "authorizationType": "NONE"},
        {"routeKey": "GET /b"},
        {"apiId": "another"},
    ),
    "aws:apigatewayv2/stage:Stage": lambda w: (
        {
            "apiId": w.api["id"],
            "name": "$default",
            "autoDeploy": True,
            "defaultRouteSettings": {"throttlingRateLimit": 5, "throttlingBurstLimit": 5},
        },
        {"defaultRouteSettings": {"throttlingRateLimit": 6, "throttlingBurstLimit": 6}},
        {"name": "other"},
    ),
    "aws:cognito/userPool:UserPool": lambda w: (
        {
            "passwordPolicy": {"minimumLength": 12, "requireNumbers": True},
            "autoVerifiedAttributes": ["email"],
            "mfaConfiguration": "OPTIONAL",
            "softwareTokenMfaConfiguration": {"enabled": True},
            **TAGGED,
        },
        {"passwordPolicy": {"minimumLength": 14, "requireNumbers": True}},
        {"usernameAttributes": ["email"]},
    ),
    "aws:cognito/userPoolClient:UserPoolClient": lambda w: (
        {"userPoolId": w.pool["id"], "explicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]},
        {"explicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]},
        {"generateSecret": True},
    ),
    "aws:cognito/resourceServer:ResourceServer": lambda w: (
        {
            "userPoolId": w.pool["id"],
            "identifier": "things",
            "name": "things",
            "scopes": [{"scopeName": "read", "scopeDescription": "Read"}],
        },
        {"scopes": [{"scopeName": "write", "scopeDescription": "Write"}]},
        {"identifier": "other"},
    ),
    "aws:kms/key:Key": lambda w: (
        {"description": "one", "enableKeyRotation": True, **TAGGED},
        {"description": "two", "tags": {"other": "b"}},
        {"multiRegion": True},
    ),
    "aws:kms/alias:Alias": lambda w: (
        {"name": "alias/thing", "targetKeyId": w.key["keyId"]},
        None,
        {"name": "alias/other"},
    ),
}


def test_every_handler_has_a_case() -> None:
    assert set(CASES) == set(HANDLERS)


@pytest.mark.parametrize("token", CASES)
def test_a_life(engine: Engine, world: World, token: str) -> None:
    given, change, replacing = CASES[token](world)
    inputs, failures = engine.check(token, given)
    assert not failures
    id_, state = engine.create(token, inputs)
    assert id_
    assert inputs.items() <= state.items()
    if "arn" in schema(token).outputs:
        assert state["arn"].startswith("arn:aws:")

    kinds = provider_pb2.DiffResponse
    assert engine.diff(token, inputs, state, inputs).changes == kinds.DIFF_NONE
    assert engine.read(token, id_, state, inputs)[2] == inputs, "drift where there is none"
    assert engine.diff(token, inputs, state, {**inputs, **replacing}).replaces

    if change is not None:
        news = {**inputs, **change}
        diff = engine.diff(token, inputs, state, news)
        assert diff.changes == kinds.DIFF_SOME
        assert not diff.replaces
        before = engine.read(token, id_, state, news)[2]
        assert before != news, "what is there is not told"
        state = engine.update(token, id_, inputs, state, news)
        assert engine.read(token, id_, state, news)[2] == news, "the change is not there"
        inputs = news

    engine.delete(token, id_, state)
    assert engine.read(token, id_, state, inputs)[0] == ""
    engine.delete(token, id_, state)


def test_drift_shows(engine: Engine, emulator: Emulator) -> None:
    token = "aws:sqs/queue:Queue"
    inputs, _ = engine.check(token, {"name": "drifting", "visibilityTimeoutSeconds": 30})
    id_, state = engine.create(token, inputs)
    attributes = {"VisibilityTimeout": "99"}
    client(emulator.endpoint, "sqs").set_queue_attributes(QueueUrl=id_, Attributes=attributes)
    assert engine.read(token, id_, state, inputs)[2]["visibilityTimeoutSeconds"] == "99"


def test_what_is_there_can_be_imported(engine: Engine, world: World) -> None:
    id_, state, inputs = engine.read("aws:sqs/queue:Queue", world.queue["url"], {}, {})
    assert id_ == world.queue["url"]
    assert inputs["name"] == state["name"] == "world"


def test_default_tags_reach_the_resource_but_not_its_inputs(
    engine: Engine, emulator: Emulator
) -> None:
    token = "aws:sqs/queue:Queue"
    engine.configure(region="us-east-1", defaultTags=json.dumps({"tags": {"stage": "local"}}))
    try:
        inputs, _ = engine.check(token, {"name": "tagged", **TAGGED})
        id_, state = engine.create(token, inputs)
        assert state["tags"] == {"team": "a"}
        assert state["tagsAll"] == {"stage": "local", "team": "a"}
        sqs = client(emulator.endpoint, "sqs")
        assert sqs.list_queue_tags(QueueUrl=id_)["Tags"] == {"stage": "local", "team": "a"}
        assert engine.read(token, id_, state, inputs)[2] == inputs
        engine.configure(region="us-east-1", defaultTags=json.dumps({"tags": {"stage": "x"}}))
        diff = engine.diff(token, inputs, state, inputs)
        assert list(diff.diffs) == ["tagsAll"]
        engine.update(token, id_, inputs, state, inputs)
        assert sqs.list_queue_tags(QueueUrl=id_)["Tags"] == {"stage": "x", "team": "a"}
    finally:
        engine.configure(region="us-east-1", defaultTags=json.dumps({"tags": {}}))


def test_what_no_emulator_has_is_recorded(engine: Engine) -> None:
    token = "aws:lambda/capacityProvider:CapacityProvider"
    inputs = {"name": "big", "permissionsConfig": {"a": "b"}, "vpcConfig": {"c": "d"}}
    id_, state = engine.create(token, inputs)
    assert id_ == "big"
    assert state["arn"] == "arn:aws:lambda:us-east-1:000000000000:capacityProvider/big"
    assert (token, "thing") in engine.provider.recorded
    assert engine.read(token, id_, state, inputs) == (id_, state, inputs)
    state = engine.update(token, id_, inputs, state, {**inputs, "kmsKeyArn": "k"})
    assert state["kmsKeyArn"] == "k"
    engine.delete(token, id_, state)


def test_a_refusal_of_the_service_is_readable(engine: Engine) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        engine.create(
            "aws:iam/rolePolicy:RolePolicy", {"role": "no", "name": "p", "policy": POLICY}
        )
    assert str(caught.value.details()).startswith("PutRolePolicy: NoSuchEntity")


def test_a_function_runs_on_the_projects_interpreter(
    engine: Engine, emulator: Emulator, world: World
) -> None:
    function = client(emulator.endpoint, "lambda")
    answer = function.invoke(FunctionName=world.function["name"], Payload=b'{"a": 1}')
    assert json.loads(answer["Payload"].read()) == {"one": {"a": 1}}


def test_a_functions_error_has_its_own_name(
    engine: Engine, emulator: Emulator, world: World
) -> None:
    inputs = {"name": "failing", "role": world.role["arn"], "handler": "app.handle"}
    engine.create("aws:lambda/function:Function", {**inputs, "code": OTHER_ZIP})
    answer = client(emulator.endpoint, "lambda").invoke(FunctionName="failing", Payload=b"{}")
    error = json.loads(answer["Payload"].read())
    assert (error["errorType"], error["errorMessage"]) == ("KeyError", "'two'")
    assert "app.py" in error["stackTrace"][0]
