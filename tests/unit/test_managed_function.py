"""Functions on Managed Instances: how they differ, and what they exclude."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from components.compute import function_rules
from components.compute.asynchronous import AsynchronousInvocation
from components.compute.capacity_provider import CapacityProvider
from components.compute.durable_execution import DurableExecution
from components.compute.function import Function, FunctionArgs, VpcPlacement
from components.compute.function_size import FunctionSize
from components.compute.instance_size import InstanceSize
from components.compute.managed_instances import ManagedInstances
from components.compute.release_settings import ReleaseSettings
from components.core.checks import ArgumentsError
from components.events.queue import Queue
from tests.contracts.examples.base import CODE, HANDLER, plain_function
from tests.recording import Deployment, deploy
from tests.unit.test_capacity_provider import provider


def managed(
    fleet: CapacityProvider | None = None,
    instances: InstanceSize | None = None,
    name: str = "count",
    **settings: Any,
) -> Function:
    on = ManagedInstances(provider=fleet or provider(), size=instances or InstanceSize())
    args = FunctionArgs(code=CODE, handler=HANDLER, managed_instances=on, **settings)
    return Function(name, args)


def deployed(instances: InstanceSize | None = None, **settings: Any) -> Deployment:
    return deploy(lambda: managed(instances=instances, **settings))


def test_it_runs_on_the_providers_instances_and_publishes_one_version() -> None:
    size = InstanceSize(memory_mb=8_192, memory_gib_per_vcpu=4, concurrency=20)
    deployment = deployed(size)
    inputs = deployment.inputs("function:Function")
    config = inputs["capacityProviderConfig"]["lambdaManagedInstancesCapacityProviderConfig"]
    assert config == {
        "capacityProviderArn": deployment.arn("lambda/capacityProvider:CapacityProvider"),
        "executionEnvironmentMemoryGibPerVcpu": 4,
        "perExecutionEnvironmentMaxConcurrency": 20,
    }
    assert inputs["memorySize"] == 8_192
    assert (inputs["publish"], inputs["publishTo"]) == (True, "LATEST_PUBLISHED")
    assert inputs["loggingConfig"]["logFormat"] == "JSON"


def test_its_concurrency_is_lambdas_unless_given() -> None:
    config = deployed().inputs("function:Function")["capacityProviderConfig"]
    inner = config["lambdaManagedInstancesCapacityProviderConfig"]
    assert "perExecutionEnvironmentMaxConcurrency" not in inner


def test_the_alias_is_at_the_version_that_is_made_anew() -> None:
    alias = deployed().inputs("alias:Alias")
    assert (alias["name"], alias["functionVersion"]) == ("live", "$LATEST.PUBLISHED")


def test_both_bounds_of_its_environments_are_set() -> None:
    scaling = deployed(InstanceSize(min_environments=4, max_environments=7)).inputs(
        "FunctionScalingConfig"
    )
    assert scaling["qualifier"] == "$LATEST.PUBLISHED"
    assert scaling["functionScalingConfig"] == {
        "minExecutionEnvironments": 4,
        "maxExecutionEnvironments": 7,
    }


def test_it_is_another_resource_than_one_of_default_lambda() -> None:
    assert deployed().one("function:Function").name == "count-managed-function"
    plain = deploy(plain_function)
    assert plain.one("function:Function").name == "work-function"
    for token in ("FunctionScalingConfig", "CapacityProvider"):
        assert not plain.all(token)
    assert "publishTo" not in plain.inputs("function:Function")


def test_triggers_go_to_its_alias_as_to_any_other() -> None:
    def program() -> None:
        Queue("incoming").subscribe(managed(asynchronous=AsynchronousInvocation()))

    deployment = deploy(program)
    mapping = deployment.inputs("EventSourceMapping")
    assert mapping["functionName"].endswith("count-managed-function-1234567:live")


def test_it_can_be_durable() -> None:
    deployment = deployed(durable=DurableExecution(execution_timeout_seconds=60))
    assert deployment.inputs("function:Function")["durableConfig"]["executionTimeout"] == 60


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"architecture": "x86_64"}, "architecture is 'x86_64': allowed is 'arm64', that of"),
        ({"size": FunctionSize(provisioned_concurrency=1)}, "provisioned_concurrency is given"),
        ({"size": FunctionSize(reserved_concurrency=0)}, "reserved_concurrency is given"),
        ({"size": FunctionSize(snap_start=True)}, "snap_start is given with managed_instances"),
        ({"release": ReleaseSettings()}, "release is given with managed_instances"),
        (
            {"vpc": VpcPlacement(subnet_ids=("a", "b"), security_group_ids=("g",))},
            "vpc is given with managed_instances: allowed is none",
        ),
        ({"name": "n" * 40}, "allowed is 39 characters"),
    ],
)
def test_what_it_excludes_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        deployed(**settings)
    assert message in str(caught.value)


def test_a_name_of_39_characters_is_allowed() -> None:
    deployed(name="n" * 39)


@pytest.mark.parametrize(("python", "allowed"), [("3.12", False), ("3.13", True)])
def test_its_runtime_is_python_3_13_or_newer(
    python: str, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(function_rules, "PYTHON", python)
    if allowed:
        deployed()
        return
    with pytest.raises(ArgumentsError, match=r"runtime is python3.12 with managed_instances"):
        deployed()


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (
            {"memory_mb": 3_072},
            "memory_mb is 3,072 with memory_gib_per_vcpu of 2: allowed is a multiple of 2,048",
        ),
        ({"memory_gib_per_vcpu": 4}, "memory_mb is 2,048 with memory_gib_per_vcpu of 4"),
        ({"memory_mb": 12_288, "memory_gib_per_vcpu": 8}, "a multiple of 8,192, a vCPU or more"),
        ({"concurrency": 17}, "concurrency is 17: allowed is 16, 16 for each of 1 vCPUs"),
        ({"memory_mb": 4_096, "concurrency": 33}, "concurrency is 33: allowed is 32"),
        (
            {"min_environments": 4, "max_environments": 3},
            "max_environments is 3: allowed is the min_environments of 4 or more",
        ),
        (
            {"min_environments": 0, "max_environments": 1},
            "min_environments is 0 with max_environments of 1: allowed is 0 with 0",
        ),
    ],
)
def test_sizes_that_lambda_refuses_are_refused_before(size: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        InstanceSize(**size)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("size", "vcpus"),
    [
        ({}, 1),
        ({"concurrency": 16}, 1),
        ({"memory_mb": 4_096, "concurrency": 32}, 2),
        ({"memory_mb": 8_192, "memory_gib_per_vcpu": 8}, 1),
        ({"memory_mb": 32_768, "concurrency": 256}, 16),
        ({"min_environments": 0, "max_environments": 0}, 1),
        ({"min_environments": 1, "max_environments": 1}, 1),
    ],
)
def test_the_limits_between_fields_are_allowed(size: dict[str, Any], vcpus: int) -> None:
    assert InstanceSize(**size).vcpus == vcpus


def test_a_stage_may_choose_the_size_in_its_settings() -> None:
    settings = TypeAdapter(InstanceSize)
    chosen = settings.validate_python({"memory_mb": 4_096, "max_environments": 20})
    assert chosen == InstanceSize(memory_mb=4_096, max_environments=20)
    with pytest.raises(ValidationError, match="Unexpected keyword argument"):
        settings.validate_python({"vcpus": 2})


def test_a_function_that_finds_no_room_is_refused() -> None:
    def program() -> None:
        fleet = provider(max_vcpus=27)
        managed(fleet, InstanceSize(max_environments=3))

    with pytest.raises(ArgumentsError, match="its functions need 28 with count"):
        deploy(program)
