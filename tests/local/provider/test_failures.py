"""What goes wrong is told, loses nothing, and can be tried again."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from botocore.exceptions import ClientError

from local.provider.handler import HANDLERS
from tests.local.engine_side import Engine
from tests.local.provider.made import make
from tests.local.world import ZIP, World

pytestmark = pytest.mark.local
Look = Callable[[str], Any]
PERMISSION = "aws:lambda/permission:Permission"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
TABLE = "aws:dynamodb/table:Table"


def fail(operation: str) -> Callable[..., None]:
    error: Any = {"Error": {"Code": "Throttled", "Message": "too fast"}}

    def failing(*_: object) -> None:
        raise ClientError(error, operation)

    return failing


def test_a_permission_that_is_there_already_is_put_again(engine: Engine, world: World) -> None:
    inputs = {"action": "lambda:InvokeFunction", "function": world.function["name"]}
    for principal in ("events.amazonaws.com", "sns.amazonaws.com"):
        made = make(engine, PERMISSION, **inputs, principal=principal, statementId="again")
        assert made.read() == made.inputs


def test_a_half_that_can_be_removed_is(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, aws: Look
) -> None:
    monkeypatch.setattr(HANDLERS[GROUP], "finish", fail("PutRetentionPolicy"))
    with pytest.raises(grpc.RpcError, match="PutRetentionPolicy: Throttled: too fast"):
        make(engine, GROUP, name="undone")
    assert aws("logs").describe_log_groups(logGroupNamePrefix="undone")["logGroups"] == []


def test_a_half_that_cannot_be_removed_is_named(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HANDLERS[GROUP], "finish", fail("PutRetentionPolicy"))
    monkeypatch.setattr(HANDLERS[GROUP], "delete", fail("DeleteLogGroup"))
    with pytest.raises(grpc.RpcError) as caught:
        make(engine, GROUP, name="half")
    said = str(caught.value.details())
    for part in ("PutRetentionPolicy", f"{GROUP} half was half made", "DeleteLogGroup"):
        assert part in said


def index(name: str, key: str) -> dict[str, Any]:
    schema = [{"attributeName": key, "keyType": "HASH"}]
    return {"name": name, "keySchemas": schema, "projectionType": "ALL"}


def attributes(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "type": "S"} for name in names]


def test_a_change_of_indexes_that_stopped_half_way_is_finished(engine: Engine, aws: Look) -> None:
    table = make(
        engine,
        TABLE,
        hashKey="id",
        attributes=attributes("id", "at"),
        billingMode="PAY_PER_REQUEST",
        globalSecondaryIndexes=[index("by_at", "at")],
    )
    wanted = {
        "attributes": attributes("id", "of"),
        "globalSecondaryIndexes": [index("by_of", "of"), index("by_at", "of")],
    }
    before = table.state, table.inputs
    table.update(**wanted)
    # The engine heard of a failure instead, so it has the old state, and tries again.
    table.state, table.inputs = before
    table.update(**wanted)
    live = aws("dynamodb").describe_table(TableName=table.id)["Table"]
    assert {each["IndexName"] for each in live["GlobalSecondaryIndexes"]} == {"by_of", "by_at"}
    assert table.read() == table.inputs


def test_indexes_follow_their_tables_mode(engine: Engine) -> None:
    table = make(
        engine,
        TABLE,
        hashKey="id",
        attributes=attributes("id", "at"),
        billingMode="PAY_PER_REQUEST",
        globalSecondaryIndexes=[index("by_at", "at")],
        onDemandThroughput={"maxReadRequestUnits": 5, "maxWriteRequestUnits": 5},
    )
    units = {"readCapacity": 4, "writeCapacity": 2}
    indexes = [{**index("by_at", "at"), **units}]
    table.update(
        "onDemandThroughput", **units, billingMode="PROVISIONED", globalSecondaryIndexes=indexes
    )
    assert table.read() == table.inputs
    plain = [index("by_at", "at")]
    table.update(*units, billingMode="PAY_PER_REQUEST", globalSecondaryIndexes=plain)
    assert table.read() == table.inputs


@pytest.mark.parametrize(
    ("code", "said"),
    [({**ZIP, "path": "missing.zip"}, "missing.zip"), (None, "allowed is an archive")],
)
def test_a_package_that_is_not_there_is_named(
    engine: Engine, world: World, code: Any, said: str
) -> None:
    function = {"role": world.role["arn"], "handler": "app.handle", "code": code}
    with pytest.raises(grpc.RpcError) as caught:
        make(engine, "aws:lambda/function:Function", **function)
    assert said in str(caught.value.details())


def test_what_cannot_be_imported_by_its_id_says_so(engine: Engine) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        engine.read("aws:apigatewayv2/route:Route", "abc", {}, {})
    assert "its id does not tell its 'apiId'" in str(caught.value.details())
