"""Runs a program under Pulumi's mocks and hands over what it registered, after all has settled.

Assertions stand in plain code after `deploy`: none can be skipped by an `apply` that never runs.
"""

import asyncio
import gc
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pulumi
from google.protobuf import empty_pb2, json_format
from pulumi.runtime import mocks, settings

ACCOUNT = "123456789012"
REGION = "eu-central-1"
ZONES = [f"{REGION}{letter}" for letter in "abc"]


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A resource as the program registered it; inputs carry the wire's camelCase names."""

    type: str
    name: str
    parent: str
    inputs: dict[str, Any]
    protect: bool
    custom: bool
    depends_on: list[str]
    ignore_changes: list[str]
    provider: str
    before_update: list[str] = field(default_factory=list)
    """The hooks that run before it is changed."""


@dataclass
class Deployment:
    """What a program registered."""

    resources: list[Recorded] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def all(self, type_: str) -> list[Recorded]:
        """Return the resources of a type, by the end of its token: `sqs/queue:Queue`."""
        return [each for each in self.resources if each.type.endswith(type_)]

    def one(self, type_: str, name: str = "") -> Recorded:
        """Return the one resource of a type whose name ends so."""
        found = [each for each in self.all(type_) if each.name.endswith(name)]
        assert len(found) == 1, f"{len(found)} of {type_} {name!r} in {self.names()}"
        return found[0]

    def names(self) -> list[str]:
        """Return the type and name of each resource, sorted."""
        return sorted(f"{each.type} {each.name}" for each in self.resources)

    def inputs(self, type_: str, name: str = "") -> dict[str, Any]:
        """Return the inputs of one resource."""
        return self.one(type_, name).inputs

    def arn(self, type_: str) -> str:
        """Return the ARN that the mocks gave the one resource of a type."""
        found = self.one(type_)
        arn: str = _outputs(found.type, found.name, found.inputs)["arn"]
        return arn

    def document(self, type_: str, name: str = "", key: str = "policy") -> dict[str, Any]:
        """Return an input that holds JSON, parsed."""
        parsed: dict[str, Any] = json.loads(self.inputs(type_, name)[key])
        return parsed


class _Answers(mocks.Mocks):
    """Plausible outputs; none in a preview, where all that is computed is unknown."""

    def __init__(self, *, preview: bool) -> None:
        self.preview = preview

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if self.preview:
            return None, dict(args.inputs)
        return f"{args.name}-id", {**_outputs(args.typ, args.name, args.inputs), **args.inputs}

    def call(
        self, args: mocks.MockCallArgs
    ) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        if args.token.endswith(":getAvailabilityZones"):
            # Previews are told them too.
            return {"names": ZONES}, []
        known = {"accountId": ACCOUNT, "region": REGION, "partition": "aws"}
        return ({} if self.preview else known), []


def _outputs(type_: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    service = type_.split(":")[1].split("/", maxsplit=1)[0]
    arn = f"arn:aws:{_ARN_SERVICES.get(service, service)}:{REGION}:{ACCOUNT}:{_path(type_, name)}"
    if type_.endswith(":EventRule"):
        bus = f"{inputs['eventBusName']}/" if "eventBusName" in inputs else ""
        arn = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{bus}{name}"
    if type_.endswith("/bucket:Bucket"):
        arn = f"arn:aws:s3:::{name}-1234567"
    if type_.endswith("/role:Role"):
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    if type_.endswith(":MetricAlarm"):
        arn = arn.replace(":events:", ":cloudwatch:")
    if type_.endswith(":LogGroup"):
        arn = arn.replace(":events:", ":logs:")
    if type_ == "aws:sfn/alias:Alias":
        version = inputs["routingConfigurations"][0]["stateMachineVersionArn"]
        arn = version and f"{version.rpartition(':')[0]}:live"
    elif type_.endswith(":Alias"):
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{inputs.get('functionName')}:live"
    return {
        "name": f"{name}-1234567",
        "bucket": f"{name}-1234567",
        "arn": arn,
        "url": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}",
        "streamArn": f"{arn}/stream/2026-01-01",
        "invokeArn": f"arn:aws:apigateway:{REGION}:lambda:path/functions/{arn}/invocations",
        "executionArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1b2c3",
        "invokeUrl": f"https://a1b2c3.execute-api.{REGION}.amazonaws.com/",
        "endpoint": f"cognito-idp.{REGION}.amazonaws.com/{REGION}_{name}",
        "keyId": "11111111-2222-3333-4444-555555555555",
        "version": "1",
        "arnSuffix": f"app/{name}/0123456789abcdef",
        "dnsName": f"{name}.{REGION}.elb.amazonaws.com",
        "zoneId": "Z1",
        "repositoryUrl": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}",
        "fileSystemArn": f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1",
        "functionUrl": f"https://a1b2c3.lambda-url.{REGION}.on.aws/",
        "stateMachineVersionArn": f"{arn}:1",
        "ipv6CidrBlock": "2001:db8:0:a00::/56",
        "allocationId": f"eipalloc-{name}",
        "prefixListId": f"pl-{name}",
    }


_ARN_SERVICES = {
    "cloudwatch": "events",
    "apigatewayv2": "apigateway",
    "efs": "elasticfilesystem",
    "sfn": "states",
}
_PATHS = {
    "Table": "table/{}",
    "EventBus": "event-bus/{}",
    "LogGroup": "log-group:{}",
    "Function": "function:{}",
    "Role": "role/{}",
    "Key": "key/{}",
    "Stream": "stream/{}",
    "StreamConsumer": "stream/s/consumer/{}:1",
    "StateMachine": "stateMachine:{}",
    "Repository": "repository/{}",
    "Cluster": "cluster/{}",
    "TaskDefinition": "task-definition/{}:1",
    "CapacityProvider": "capacity-provider:{}",
    "DeploymentGroup": "deploymentgroup:app/{}",
    "MetricAlarm": "alarm:{}",
    "AccessPoint": "access-point/{}",
}


def _path(type_: str, name: str) -> str:
    return _PATHS.get(type_.rsplit(":", 1)[1], "{}").format(name)


class _Monitor(mocks.MockMonitor):
    """Records whole requests: parents and options never reach `new_resource`."""

    def __init__(self, answers: _Answers) -> None:
        super().__init__(answers)
        self.deployment = Deployment()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        if request.type != "pulumi:pulumi:Stack":
            self.deployment.resources.append(
                Recorded(
                    type=request.type,
                    name=request.name,
                    parent=request.parent.rsplit("::", 1)[-1],
                    inputs=json_format.MessageToDict(request.object),
                    protect=request.protect,
                    custom=request.custom,
                    depends_on=[urn.rsplit("::", 1)[-1] for urn in request.dependencies],
                    ignore_changes=list(request.ignoreChanges),
                    provider=request.provider,
                    before_update=list(request.hooks.before_update),
                )
            )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        outputs = json_format.MessageToDict(request.outputs)
        name = request.urn.rsplit("::", 1)[-1]
        self.deployment.outputs[f"{request.urn.split('::')[2].split('$')[-1]} {name}"] = outputs
        return empty_pb2.Empty()


@contextmanager
def _loop() -> Iterator[None]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        asyncio.set_event_loop(None)


def deploy(
    program: Callable[[], object],
    *,
    stack: str = "test",
    config: Mapping[str, str] | None = None,
    unknown: bool = False,
) -> Deployment:
    """Run a program; with `unknown`, as a first preview does: nothing computed is known."""
    thresholds = gc.get_threshold()
    with _loop():
        monitor = _Monitor(_Answers(preview=unknown))
        mocks.set_mocks(
            monitor.mocks, project="orders", stack=stack, preview=unknown, monitor=monitor
        )
        pulumi.runtime.set_all_config(dict(config or {}))
        try:
            pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
        finally:
            settings.reset_options()
            pulumi.runtime.set_all_config({})
            gc.set_threshold(*thresholds)
    return monitor.deployment
