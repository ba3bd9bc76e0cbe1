"""What changed behind the engine's back shows in a refresh, and nothing else does."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.local.engine_side import Engine
from tests.local.provider.made import Made, make
from tests.local.world import TRUST, ZIP, World

pytestmark = pytest.mark.local
Look = Callable[[str], Any]
QUEUE = "aws:sqs/queue:Queue"
TABLE: Any = {
    "hashKey": "id",
    "attributes": [{"name": "id", "type": "S"}, {"name": "at", "type": "S"}],
    "billingMode": "PAY_PER_REQUEST",
}
INCLUDING = {
    "name": "by_at",
    "hashKey": "at",
    "rangeKey": "id",
    "projectionType": "INCLUDE",
    "nonKeyAttributes": ["b", "a"],
}


@pytest.fixture
def table(engine: Engine) -> Made:
    return make(
        engine,
        "aws:dynamodb/table:Table",
        **TABLE,
        globalSecondaryIndexes=[INCLUDING],
        pointInTimeRecovery={"enabled": False},
        serverSideEncryption={"enabled": False},
        onDemandThroughput={"maxReadRequestUnits": 5},
    )


@pytest.fixture
def function(engine: Engine, world: World) -> Made:
    return make(
        engine,
        "aws:lambda/function:Function",
        role=world.role["arn"],
        handler="app.handle",
        code=ZIP,
        environment={"variables": {"A": "1"}},
        reservedConcurrentExecutions=3,
    )


def test_a_tables_index_with_some_attributes_does_not_drift(table: Made) -> None:
    assert table.read() == table.inputs


def test_what_was_off_and_is_on_now_is_drift(table: Made, aws: Look) -> None:
    recovery = {"PointInTimeRecoveryEnabled": True}
    aws("dynamodb").update_continuous_backups(
        TableName=table.id, PointInTimeRecoverySpecification=recovery
    )
    assert table.read() == {**table.inputs, "pointInTimeRecovery": {"enabled": True}}


def test_an_index_that_is_gone_is_drift(table: Made, aws: Look) -> None:
    aws("dynamodb").update_table(
        TableName=table.id, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by_at"}}]
    )
    assert table.read()["globalSecondaryIndexes"] == []


def test_a_variable_of_another_is_drift(function: Made, aws: Look) -> None:
    variables = {"A": "1", "B": "2"}
    aws("lambda").update_function_configuration(
        FunctionName=function.id, Environment={"Variables": variables}
    )
    assert function.read()["environment"] == {"variables": variables}


def test_a_limit_that_was_moved_is_drift(function: Made, aws: Look) -> None:
    aws("lambda").put_function_concurrency(
        FunctionName=function.id, ReservedConcurrentExecutions=7
    )
    assert function.read() == {**function.inputs, "reservedConcurrentExecutions": 7}


def test_a_refresh_does_not_need_the_package(function: Made, packages: Path) -> None:
    away = (packages / "code.zip").rename(packages / "away.zip")
    try:
        id_, state, inputs = function.engine.read(
            function.token, function.id, function.state, function.inputs
        )
    finally:
        away.rename(packages / "code.zip")
    assert (id_, inputs) == (function.id, function.inputs)
    assert state["codeSha256"] == function.state["codeSha256"]


def test_a_condition_that_a_policy_got_is_drift_and_stays_a_document(
    engine: Engine, aws: Look
) -> None:
    role = make(engine, "aws:iam/role:Role", assumeRolePolicy=TRUST)
    document = json.loads(TRUST)
    document["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceAccount": "1"}}
    aws("iam").update_assume_role_policy(RoleName=role.id, PolicyDocument=json.dumps(document))
    assert json.loads(role.read()["assumeRolePolicy"]) == document


def test_a_permission_of_another_source_is_drift(engine: Engine, world: World, aws: Look) -> None:
    inputs = {"action": "lambda:InvokeFunction", "function": world.function["name"]}
    permission = make(
        engine,
        "aws:lambda/permission:Permission",
        **inputs,
        principal="events.amazonaws.com",
        sourceArn="arn:aws:events:a:1:rule/x",
    )
    assert permission.read() == permission.inputs
    statement = {"FunctionName": inputs["function"], "StatementId": permission.id}
    aws("lambda").remove_permission(**statement)
    aws("lambda").add_permission(
        **statement, Action=inputs["action"], Principal="s3.amazonaws.com"
    )
    assert permission.read()["principal"] == "s3.amazonaws.com"


def test_a_tag_that_is_also_a_default_tag_does_not_drift(
    engine: Engine, default_tags: Callable[..., None], aws: Look
) -> None:
    default_tags(stage="local")
    queue = make(engine, QUEUE, name="tagged-twice", tags={"stage": "local", "a": "1"})
    assert queue.read() == queue.inputs
    aws("sqs").tag_queue(QueueUrl=queue.id, Tags={"other": "2"})
    assert queue.read()["tags"] == {"stage": "local", "a": "1", "other": "2"}


def test_what_is_imported_is_what_the_program_says(engine: Engine, world: World) -> None:
    _, state, inputs = engine.read(QUEUE, world.queue["url"], {}, {})
    program = {**inputs, "visibilityTimeoutSeconds": 30, "delaySeconds": 0}
    assert not engine.diff(QUEUE, inputs, state, program).diffs
