"""What our validation lets through of types that nothing emulates, botocore's lets through too."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest
from botocore.validate import validate_parameters
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.api.function_url import FunctionUrl, FunctionUrlArgs, UrlCors
from components.compute.capacity_provider import CapacityProvider, CapacityProviderArgs
from components.compute.function import Function, FunctionArgs
from components.compute.instance_size import InstanceSize
from components.compute.managed_instances import ManagedInstances
from components.compute.release_settings import ReleaseSettings, TrafficShift
from local.provider import shapes
from tests.contracts.arbitrary import arguments, deployed
from tests.contracts.examples.base import CODE, HANDLER, plain_function
from tests.contracts.examples.compute import SUBNETS
from tests.recording import ACCOUNT, Recorded, deploy

SESSION = botocore.session.get_session()


def one(values: list[Any]) -> Any:
    """Return what the provider takes as a list of one, and the API does not."""
    (value,) = values
    return value


def capacity(inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "capacityProviderName": "n",
        "permissionsConfig": {"capacityProviderOperatorRoleArn": f"arn:aws:iam::{ACCOUNT}:role/r"},
        "vpcConfig": inputs["vpcConfig"],
        "instanceRequirements": one(inputs["instanceRequirements"]),
        "capacityProviderScalingConfig": one(inputs["capacityProviderScalingConfigs"]),
    }


def environments(inputs: dict[str, Any]) -> dict[str, Any]:
    return {**inputs, "functionName": "f"}


def instances(inputs: dict[str, Any]) -> dict[str, Any]:
    config = inputs.get("capacityProviderConfig")
    if config:
        inner = config["lambdaManagedInstancesCapacityProviderConfig"]
        inner["capacityProviderArn"] = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:capacity-provider:n"
    return {
        "functionName": "f",
        "role": f"arn:aws:iam::{ACCOUNT}:role/r",
        "code": {"zipFile": b""},
        **{
            key: inputs[key]
            for key in ("memorySize", "publish", "publishTo", "capacityProviderConfig")
            if key in inputs
        },
    }


def steps(inputs: dict[str, Any]) -> dict[str, Any]:
    routing = inputs["trafficRoutingConfig"]
    (kind,) = {"timeBasedCanary", "timeBasedLinear"} & routing.keys()
    short = kind.removeprefix("timeBased").lower()
    inner = {f"{short}{key.capitalize()}": value for key, value in routing[kind].items()}
    return {**inputs, "trafficRoutingConfig": {"type": routing["type"], kind: inner}}


def group(inputs: dict[str, Any]) -> dict[str, Any]:
    alarms = inputs["alarmConfiguration"]
    named = {**alarms, "alarms": [{"name": each} for each in alarms["alarms"]]}
    return {**inputs, "applicationName": inputs["appName"], "alarmConfiguration": named}


CALLS: dict[str, tuple[str, str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "lambda/capacityProvider:CapacityProvider": ("lambda", "CreateCapacityProvider", capacity),
    "FunctionScalingConfig": ("lambda", "PutFunctionScalingConfig", environments),
    "lambda/function:Function": ("lambda", "CreateFunction", instances),
    "lambda/functionUrl:FunctionUrl": (
        "lambda",
        "CreateFunctionUrlConfig",
        lambda inputs: {**inputs, "authType": inputs["authorizationType"]},
    ),
    "DeploymentConfig": ("codedeploy", "CreateDeploymentConfig", steps),
    "DeploymentGroup": ("codedeploy", "CreateDeploymentGroup", group),
}


def whole(value: Any) -> Any:
    """Return numbers as the provider sends them: whole ones as such."""
    if isinstance(value, dict):
        return {key: whole(each) for key, each in value.items()}
    if isinstance(value, list):
        return [whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def validate(resource: Recorded) -> bool:
    for token, (service, operation, request) in CALLS.items():
        if resource.type.endswith(token):
            shape: Any = SESSION.get_service_model(service).operation_model(operation).input_shape
            given_ = shapes.to_request(shape, request(whole(resource.inputs)), {})
            validate_parameters(given_, shape)
            return True
    return False


NOWHERE: Any = SimpleNamespace(id=None, region=None, partition=None)


def provider(args: CapacityProviderArgs | None = None) -> CapacityProvider:
    default = CapacityProviderArgs(
        account=NOWHERE, subnet_ids=SUBNETS, security_group_ids=("sg-1",), max_vcpus=15_000
    )
    return CapacityProvider("fleet", args or default)


def managed(size: InstanceSize) -> object:
    instances_ = ManagedInstances(provider=provider(), size=size)
    return Function("work", FunctionArgs(code=CODE, handler=HANDLER, managed_instances=instances_))


def released(shift: TrafficShift) -> object:
    settings_ = ReleaseSettings(shift=shift)
    return Function("work", FunctionArgs(code=CODE, handler=HANDLER, release=settings_))


def addressed(cors: UrlCors) -> object:
    return FunctionUrl("url", FunctionUrlArgs(function=plain_function(), cors=cors))


PROGRAMS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], object]]] = {
    "CapacityProvider": (
        arguments(
            CapacityProviderArgs,
            account=NOWHERE,
            subnet_ids=SUBNETS,
            security_group_ids=("sg-1",),
        ),
        provider,
    ),
    "ManagedInstances": (arguments(InstanceSize), managed),
    "Release": (arguments(TrafficShift), released),
    "FunctionUrl": (arguments(UrlCors), addressed),
}


@pytest.mark.parametrize("name", PROGRAMS)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_we_let_through_botocore_lets_through(name: str, data: st.DataObject) -> None:
    made = deployed(PROGRAMS[name], data)
    if made is not None:
        checked = [validate(each) for each in made]
        assert any(checked)


def test_what_botocore_refuses_is_seen() -> None:
    made = deploy(lambda: managed(InstanceSize())).one("FunctionScalingConfig")
    made.inputs["qualifier"] = "live"
    made.inputs["functionScalingConfig"]["minExecutionEnvironments"] = -1
    with pytest.raises(botocore.exceptions.ParamValidationError):
        validate(made)
