"""Functions of Managed Instances run as default ones on the local stage, and `up` says so."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.aws import client
from local.stage import Deployed, LocalStage

pytestmark = pytest.mark.local
PROGRAM = """
import pulumi
import pulumi_aws as aws
from components.compute.capacity_provider import CapacityProvider, CapacityProviderArgs
from components.compute.function import Function, FunctionArgs
from components.compute.managed_instances import ManagedInstances
from components.core.account import Account

managed = None
if {managed}:
    subnets = ("subnet-a", "subnet-b", "subnet-c")
    args = CapacityProviderArgs(
        account=Account.current(aws.Provider("aws")),
        subnet_ids=subnets,
        security_group_ids=("sg-a",),
    )
    managed = ManagedInstances(provider=CapacityProvider("fleet", args))
count = Function(
    "count",
    FunctionArgs(code="count", handler="count.handler.handle", managed_instances=managed),
)
pulumi.export("alias", count.target.arn)
"""


def up(stage: LocalStage, project: Path, answer: str, *, managed: bool = True) -> Deployed:
    (project / "count").mkdir(exist_ok=True)
    code = f"def handle(event, context):\n    return {answer!r}\n"
    (project / "count/handler.py").write_text(code)
    (project / "__main__.py").write_text(PROGRAM.format(managed=managed))
    return stage.up()


def called(stage: LocalStage) -> Any:
    found = client(stage.endpoint, "lambda").invoke(FunctionName=stage.outputs()["alias"])
    return json.loads(found["Payload"].read())


def test_it_runs_as_a_default_function_and_up_says_what_is_recorded(
    stage: LocalStage, project: Path
) -> None:
    recorded = {name for _, name in up(stage, project, "one").recorded}
    assert recorded == {"fleet-provider", "count-scaling", "count-managed-function"}
    assert called(stage) == "one"


def test_its_alias_is_at_the_newest_version_after_each_up(
    stage: LocalStage, project: Path
) -> None:
    up(stage, project, "one")
    up(stage, project, "two")
    assert called(stage) == "two"
    functions = client(stage.endpoint, "lambda")
    function, name = stage.outputs()["alias"].split(":")[6:]
    alias = functions.get_alias(FunctionName=function, Name=name)
    assert alias["FunctionVersion"] == "2"
    # What the alias was given is not what it is at: that is no drift.
    assert "update" not in stage.refresh()


def test_to_move_to_instances_and_back_makes_another_function_and_alias(
    stage: LocalStage, project: Path
) -> None:
    up(stage, project, "one", managed=False)
    first = stage.outputs()["alias"]
    moved = up(stage, project, "one")
    assert moved.changes["replace"] == 1
    # Before them come a provider of AWS, the capacity provider and what belongs to it.
    assert (moved.changes["create"], moved.changes["delete"]) == (7, 1)
    second = stage.outputs()["alias"]
    assert ":count-function-" in first
    assert ":count-managed-function-" in second
    assert called(stage) == "one"
    up(stage, project, "two", managed=False)
    assert ":count-function-" in stage.outputs()["alias"]
    assert called(stage) == "two"
    functions = client(stage.endpoint, "lambda").list_functions()["Functions"]
    assert len(functions) == 1
