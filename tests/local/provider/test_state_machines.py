"""Versions of state machines, and what an update takes back."""

import json
from collections.abc import Callable
from typing import Any

from tests.local.engine_side import Engine
from tests.local.lives_workflow import definition
from tests.local.provider.made import Made, make
from tests.local.world import World

Look = Callable[[str], Any]
MACHINE = "aws:sfn/stateMachine:StateMachine"


def machine(engine: Engine, world: World, **more: Any) -> Made:
    inputs = {"roleArn": world.role["arn"], "definition": definition("one"), "publish": True}
    return make(engine, MACHINE, **inputs, **more)


def test_each_change_is_a_version_but_that_of_tags(engine: Engine, world: World) -> None:
    made = machine(engine, world)
    version = made.state["stateMachineVersionArn"]
    assert version == f"{made.id}:1"
    planned = made.plan(tags={"team": "a"})
    assert planned["stateMachineVersionArn"] == version
    assert made.update(tags={"team": "a"}).state["stateMachineVersionArn"] == version
    assert made.plan(definition=definition("two"))["stateMachineVersionArn"] != version
    made.update(definition=definition("two"))
    assert made.state["stateMachineVersionArn"] == f"{made.id}:2"


def test_a_machine_loses_its_logs_and_its_key(engine: Engine, world: World, aws: Look) -> None:
    destination = "arn:aws:logs:us-east-1:000000000000:log-group:a:*"
    key = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": world.key["arn"]}
    made = machine(
        engine,
        world,
        loggingConfiguration={"logDestination": destination, "level": "ALL"},
        encryptionConfiguration=key,
    )
    assert made.read() == made.inputs
    made.update("loggingConfiguration", "encryptionConfiguration")
    live = aws("stepfunctions").describe_state_machine(stateMachineArn=made.id)
    assert live["loggingConfiguration"]["level"] == "OFF"
    assert live["encryptionConfiguration"]["type"] == "AWS_OWNED_KEY"


def test_the_versions_of_a_machine_go_with_it(engine: Engine, world: World) -> None:
    first = machine(engine, world, name="again")
    first.update(definition=definition("two"))
    engine.delete(MACHINE, first.id, first.state)
    second = machine(engine, world, name="again")
    assert second.state["stateMachineVersionArn"] == f"{second.id}:1"
    assert json.loads(second.state["definition"])["StartAt"] == "one"
