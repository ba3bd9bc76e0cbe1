"""What a change does to a function, and what of it goes back to Lambda's own values."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.local.engine_side import Engine
from tests.local.provider.made import Made, make
from tests.local.world import OTHER_ZIP, ZIP, World

pytestmark = pytest.mark.local
Look = Callable[[str], Any]


def function(engine: Engine, world: World, **options: Any) -> Made:
    inputs = {"role": world.role["arn"], "handler": "app.handle", "code": ZIP}
    return make(engine, "aws:lambda/function:Function", **inputs, **options)


def test_only_code_and_configuration_make_a_new_version(engine: Engine, world: World) -> None:
    made = function(engine, world, publish=True)
    sha256 = made.state["codeSha256"]
    changes: list[dict[str, Any]] = [
        {"tags": {"a": "1"}},
        {"reservedConcurrentExecutions": 2},
        {"timeout": 9},
        {"code": OTHER_ZIP},
    ]
    versions = [made.update(**change).state["version"] for change in changes]
    assert versions == ["1", "1", "2", "3"]
    assert made.state["codeSha256"] != sha256


def test_a_function_goes_back_to_lambdas_own_values(
    engine: Engine, world: World, aws: Look
) -> None:
    options = {
        "description": "d",
        "memorySize": 256,
        "timeout": 9,
        "tracingConfig": {"mode": "Active"},
        "environment": {"variables": {"A": "1"}},
        "vpcConfig": {"subnetIds": ["s"], "securityGroupIds": ["g"]},
        "deadLetterConfig": {"targetArn": world.queue["arn"]},
        "layers": [],
        "reservedConcurrentExecutions": 3,
    }
    made = function(engine, world, **options)
    assert made.read() == made.inputs
    made.update(*options)
    found = aws("lambda").get_function(FunctionName=made.id)
    live = found["Configuration"]
    assert (live["Description"], live["MemorySize"], live["Timeout"]) == ("", 128, 3)
    assert live["TracingConfig"]["Mode"] == "PassThrough"
    assert not live.get("Environment", {}).get("Variables")
    assert not live["VpcConfig"]["SubnetIds"]
    assert not live.get("DeadLetterConfig", {}).get("TargetArn")
    assert "Concurrency" not in found


def test_a_functions_logs_go_back_to_its_own_group(
    engine: Engine, world: World, aws: Look
) -> None:
    made = function(engine, world, loggingConfig={"logFormat": "JSON", "logGroup": "/another"})
    assert made.read() == made.inputs
    made.update("loggingConfig")
    live = aws("lambda").get_function_configuration(FunctionName=made.id)["LoggingConfig"]
    assert (live["LogFormat"], live.get("LogGroup")) == ("Text", None)


def test_an_alias_ends_its_canary(engine: Engine, world: World, aws: Look) -> None:
    name = function(engine, world, publish=True).update(code=OTHER_ZIP).inputs["name"]
    alias = make(
        engine,
        "aws:lambda/alias:Alias",
        name="live",
        functionName=name,
        functionVersion="2",
        description="d",
        routingConfig={"additionalVersionWeights": {"1": 0.1}},
    )
    alias.update("routingConfig", "description")
    live = aws("lambda").get_alias(FunctionName=name, Name="live")
    assert not live.get("RoutingConfig")
    assert live["Description"] == ""


def test_what_the_emulator_refuses_of_a_function_does_not_stop_it(
    engine: Engine, world: World
) -> None:
    snap_start = {"applyOn": "PublishedVersions"}
    made = function(engine, world, publish=True, snapStart=snap_start, architectures=["arm64"])
    assert made.read() == made.inputs


def test_durable_settings_change_in_place_but_come_and_go_with_the_function(
    engine: Engine, world: World, aws: Look
) -> None:
    settings = {"executionTimeout": 60, "retentionPeriod": 7}
    made = function(engine, world, publish=True, durableConfig=settings)
    assert made.read() == made.inputs
    longer = {**made.inputs, "durableConfig": {**settings, "executionTimeout": 90}}
    assert not engine.diff(made.token, made.inputs, made.state, longer).replaces
    made.update(durableConfig=longer["durableConfig"])
    assert made.read() == made.inputs
    live = aws("lambda").get_function_configuration(FunctionName=made.id)
    assert live["DurableConfig"] == {"ExecutionTimeout": 90, "RetentionPeriodInDays": 7}
    without = {key: value for key, value in made.inputs.items() if key != "durableConfig"}
    for olds, news in ((made.inputs, without), (without, made.inputs)):
        assert engine.diff(made.token, olds, made.state, news).replaces == ["durableConfig"]


def test_a_version_that_is_made_anew_takes_its_aliases_with_it(
    engine: Engine, world: World, aws: Look
) -> None:
    capacity = {"lambdaManagedInstancesCapacityProviderConfig": {"capacityProviderArn": "arn"}}
    made = function(
        engine,
        world,
        publish=True,
        publishTo="LATEST_PUBLISHED",
        capacityProviderConfig=capacity,
        memorySize=2_048,
    )
    assert made.read() == made.inputs
    assert (made.token, "thing") in engine.provider.recorded
    name = made.inputs["name"]
    alias = make(
        engine,
        "aws:lambda/alias:Alias",
        name="live",
        functionName=name,
        functionVersion="$LATEST.PUBLISHED",
    )

    def served() -> str:
        version: str = aws("lambda").get_alias(FunctionName=name, Name="live")["FunctionVersion"]
        return version

    assert served() == "1"
    made.update(code=OTHER_ZIP)
    assert served() == "2"
    assert alias.read() == alias.inputs
    alias.update(description="d")
    assert served() == "2"


def test_an_image_is_recorded_and_says_so_when_it_is_called(
    engine: Engine, world: World, aws: Look
) -> None:
    image = {"packageType": "Image", "imageUri": "images@sha256:1"}
    made = make(
        engine, "aws:lambda/function:Function", role=world.role["arn"], publish=True, **image
    )
    assert made.read() == made.inputs
    assert (made.token, "thing") in engine.provider.recorded
    answer = aws("lambda").invoke(FunctionName=made.id)
    error = json.loads(answer["Payload"].read())
    assert error["errorType"] == "NotEmulatedError"
    made.update(imageUri="images@sha256:2", timeout=9)
    assert made.read() == made.inputs
