import json

import pytest

from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize
from components.compute.layer import Layer, LayerArgs
from components.core.checks import ArgumentsError
from components.core.logs import LogSettings
from components.data.table import Table, TableArgs
from tests.contracts.examples.base import CODE, HANDLER, key
from tests.recording import Deployment, deploy


def deployed(**settings: object) -> Deployment:
    args = FunctionArgs(**{"code": CODE, "handler": HANDLER, **settings})  # type: ignore[arg-type]
    return deploy(lambda: Function("work", args))


def test_a_function_runs_on_the_projects_runtime_and_publishes_versions() -> None:
    inputs = deployed().inputs("function:Function")
    assert inputs["runtime"] == "python3.14"
    assert inputs["architectures"] == ["arm64"]
    assert inputs["handler"] == HANDLER
    assert inputs["publish"] is True
    assert inputs["tracingConfig"] == {"mode": "Active"}


def test_its_size_is_as_given() -> None:
    size = FunctionSize(
        memory_mb=1_024, timeout_seconds=60, ephemeral_storage_mb=1_024, reserved_concurrency=7
    )
    inputs = deployed(size=size).inputs("function:Function")
    assert inputs["memorySize"] == 1_024
    assert inputs["timeout"] == 60
    assert inputs["ephemeralStorage"] == {"size": 1_024}
    assert inputs["reservedConcurrentExecutions"] == 7


def test_the_alias_live_points_to_the_published_version() -> None:
    alias = deployed().inputs("alias:Alias")
    assert alias["name"] == "live"
    assert alias["functionName"] == "work-function-1234567"
    assert alias["functionVersion"] == "1"


def test_it_logs_json_to_its_own_group_only() -> None:
    deployment = deployed(logs=LogSettings(retention_days=365, level="WARN"))
    assert deployment.inputs("logGroup:LogGroup") == {"retentionInDays": 365.0}
    assert deployment.inputs("function:Function")["loggingConfig"] == {
        "logFormat": "JSON",
        "logGroup": "work-logs-1234567",
        "applicationLogLevel": "WARN",
        "systemLogLevel": "INFO",
    }
    statements = deployment.document("rolePolicy:RolePolicy")["Statement"]
    assert statements[0] == {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": ["arn:aws:logs:eu-central-1:123456789012:log-group:work-logs:log-stream:*"],
    }
    assert "logs:CreateLogGroup" not in json.dumps(statements)


def test_links_give_rights_and_addresses() -> None:
    def program() -> None:
        links = [Table("items", TableArgs(partition_key="id")).writer()]
        Function("work", FunctionArgs(code=CODE, handler=HANDLER, links=links))

    deployment = deploy(program)
    variables = deployment.inputs("function:Function")["environment"]["variables"]
    assert variables == {
        "ITEMS_TABLE_NAME": "items-table-1234567",
        "POWERTOOLS_METRICS_NAMESPACE": "orders",
        "POWERTOOLS_SERVICE_NAME": "work",
    }
    last = deployment.document("rolePolicy:RolePolicy")["Statement"][-1]
    assert last["Resource"] == ["arn:aws:dynamodb:eu-central-1:123456789012:table/items-table"]
    assert "dynamodb:PutItem" in last["Action"]
    assert "dynamodb:GetItem" not in last["Action"]


def test_only_lambda_assumes_its_role() -> None:
    document = deployed().document("role:Role", key="assumeRolePolicy")
    assert [each["Principal"] for each in document["Statement"]] == [
        {"Service": "lambda.amazonaws.com"}
    ]


def test_it_waits_for_its_policy() -> None:
    assert "work-policy" in deployed().one("function:Function").depends_on


def test_a_key_encrypts_its_variables_and_logs() -> None:
    deployment = deploy(
        lambda: Function("work", FunctionArgs(code=CODE, handler=HANDLER, key=key()))
    )
    arn = "arn:aws:kms:eu-central-1:123456789012:key/data-key"
    assert deployment.inputs("function:Function")["kmsKeyArn"] == arn
    assert deployment.inputs("logGroup:LogGroup")["kmsKeyId"] == arn


def test_provisioned_concurrency_is_on_the_alias() -> None:
    inputs = deployed(size=FunctionSize(provisioned_concurrency=3)).inputs(
        "ProvisionedConcurrencyConfig"
    )
    assert inputs["qualifier"] == "live"
    assert inputs["provisionedConcurrentExecutions"] == 3


def test_layers_are_attached() -> None:
    def program() -> None:
        layer = Layer("dependencies", LayerArgs(requirements="requirements/functions.txt"))
        Function("work", FunctionArgs(code=CODE, handler=HANDLER, layers=[layer]))

    deployment = deploy(program)
    assert deployment.inputs("layerVersion:LayerVersion")["layerName"] == (
        "orders-test-dependencies"
    )
    assert len(deployment.inputs("function:Function")["layers"]) == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"handler": "nothing"}, "handler is 'nothing': allowed is package.module.function"),
        ({"handler": "a." + "b" * 127}, "allowed is package.module.function"),
        ({"environment": {"X": "v"}}, "environment key is 'X': allowed is a letter"),
        ({"environment": {"API_TOKEN": "v"}}, "allowed is no secret, but its address"),
        ({"environment": {"LONG": "v" * 4_093}}, "environment has 4,097 bytes: allowed is 4,096"),
        ({"layers": [None] * 6}, "layers has 6 entries: allowed is 5"),
    ],
)
def test_what_lambda_refuses_is_refused_before(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        deployed(**settings)
    assert message in str(caught.value)


def test_the_limits_themselves_are_allowed() -> None:
    deployed(environment={"LONG": "v" * 4_092})
