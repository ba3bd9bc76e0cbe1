"""The addresses that resources tell: those that work here, and those of AWS."""

import httpx
import pytest

from tests.local.engine_side import Engine
from tests.local.provider.made import make
from tests.local.world import World

pytestmark = pytest.mark.local


def test_the_address_of_a_stage_answers(engine: Engine, world: World) -> None:
    api = make(engine, "aws:apigatewayv2/api:Api", protocolType="HTTP").id
    integration = make(
        engine,
        "aws:apigatewayv2/integration:Integration",
        apiId=api,
        integrationType="AWS_PROXY",
        payloadFormatVersion="2.0",
        integrationUri=world.function["invokeArn"],
    )
    route = {"apiId": api, "routeKey": "GET /a", "target": f"integrations/{integration.id}"}
    make(engine, "aws:apigatewayv2/route:Route", **route)
    stage = make(
        engine, "aws:apigatewayv2/stage:Stage", apiId=api, name="$default", autoDeploy=True
    )
    make(
        engine,
        "aws:lambda/permission:Permission",
        action="lambda:InvokeFunction",
        function=world.function["name"],
        principal="apigateway.amazonaws.com",
    )
    answer = httpx.get(f"{stage.state['invokeUrl']}/a", timeout=30, trust_env=False)
    assert (answer.status_code, answer.text) == (200, "one")


def test_a_rule_of_the_accounts_own_bus_has_the_arn_of_aws(engine: Engine) -> None:
    rule = make(
        engine,
        "aws:cloudwatch/eventRule:EventRule",
        name="own",
        eventPattern='{"a":["b"]}',
        tags={"a": "1"},
    )
    assert rule.state["arn"].endswith(":rule/own")
    assert rule.read() == rule.inputs
