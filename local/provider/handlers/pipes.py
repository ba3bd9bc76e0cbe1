"""Pipes.

The emulator keeps a pipe and moves nothing. A function `pipe-…` with the pipe's own role does: a
mapping of the pipe's source and filters invokes it. Retry limits, splitting, failure queues, logs
and keys of pipes are stored only.
"""

import json
from typing import Any

from local.provider import shapes
from local.provider.clients import Clients
from local.provider.handler import Handler, handles
from local.provider.handlers import carriers, tags
from local.provider.wire import Properties

MODULES = ("pipe", "deliver", "templates")
RENAMES = {
    "dynamodbStreamParameters": "DynamoDBStreamParameters",
    "eventbridgeEventBusParameters": "EventBridgeEventBusParameters",
    "includeExecutionDatas": "IncludeExecutionData",
}
# What a source's parameters and a mapping have in common.
MAPPED = (
    *("BatchSize", "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds"),
    *("MaximumRetryAttempts", "ParallelizationFactor"),
)
STARTS = ("StartingPosition", "StartingPositionTimestamp")


@handles("aws:pipes/pipe:Pipe")
class Pipe(Handler):
    """A pipe; its id is its name."""

    replace = frozenset({"name", "namePrefix", "source"})

    def create(self, aws: Clients, properties: Properties) -> str:
        # It stands still: where the emulator moves something, it would come twice.
        aws("pipes").create_pipe(**{**self._request(aws, properties), "DesiredState": "STOPPED"})
        return str(properties["name"])

    def finish(self, aws: Clients, id_: str, properties: Properties) -> None:
        request = self._request(aws, properties)
        self._carry(aws, id_, request)
        mapping, starts = _mapping(request)
        aws("lambda").create_event_source_mapping(
            EventSourceArn=request["Source"],
            FunctionResponseTypes=["ReportBatchItemFailures"],
            **{**mapping, **starts, "FunctionName": _name(id_)},
        )

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        live = aws("pipes").describe_pipe(Name=id_)
        role_arn, variables = carriers.told(aws, _name(id_))
        shape = shapes.operation(aws("pipes"), "create_pipe").input_shape
        told = shapes.from_response(shape, json.loads(variables["PIPE"]), RENAMES)
        mapped = _found(aws, id_)
        if mapped is None:
            return None
        standing = mapped["State"] in ("Disabled", "Disabling")
        return {
            **told,
            "name": id_,
            "arn": live["Arn"],
            "roleArn": role_arn,
            "desiredState": "STOPPED" if standing else "RUNNING",
            "tags": live.get("Tags", {}),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        request = self._request(aws, new)
        pipes, arn = aws("pipes"), aws.arn("pipes", f"pipe/{id_}")
        pipes.update_pipe(
            Name=id_, RoleArn=request["RoleArn"], Target=request["Target"], DesiredState="STOPPED"
        )
        self._carry(aws, id_, request)
        mapping, _ = _mapping(request)
        mapped = _found(aws, id_)
        if mapped is not None:
            aws("lambda").update_event_source_mapping(UUID=mapped["UUID"], **mapping)
        if tags.removed(old, new):
            pipes.untag_resource(resourceArn=arn, tagKeys=tags.removed(old, new))
        if new.get("tags"):
            pipes.tag_resource(resourceArn=arn, tags=new["tags"])

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        mapped = _found(aws, id_)
        if mapped is not None:
            aws("lambda").delete_event_source_mapping(UUID=mapped["UUID"])
        aws("pipes").delete_pipe(Name=id_)
        carriers.remove(aws, _name(id_))

    @staticmethod
    def _request(aws: Clients, properties: Properties) -> dict[str, Any]:
        shape = shapes.operation(aws("pipes"), "create_pipe").input_shape
        return shapes.to_request(shape, properties, RENAMES)

    @staticmethod
    def _carry(aws: Clients, id_: str, request: dict[str, Any]) -> None:
        pipe = {**request, "Arn": aws.arn("pipes", f"pipe/{id_}"), "Name": id_}
        carriers.Carrier(
            name=_name(id_),
            modules=MODULES,
            role_arn=request["RoleArn"],
            variables={"PIPE": json.dumps(pipe)},
        ).put(aws)


def _mapping(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the settings of a pipe's mapping, and where it starts to read."""
    parameters = request.get("SourceParameters", {})
    kinds = [each for name, each in parameters.items() if name != "FilterCriteria"]
    given = kinds[0] if kinds else {}
    mapping = {
        "Enabled": request.get("DesiredState", "RUNNING") == "RUNNING",
        "FilterCriteria": parameters.get("FilterCriteria", {}),
        **{key: given[key] for key in MAPPED if key in given},
    }
    return mapping, {key: given[key] for key in STARTS if key in given}


def _found(aws: Clients, id_: str) -> dict[str, Any] | None:
    """Return the mapping of a pipe."""
    answer = aws("lambda").list_event_source_mappings(FunctionName=_name(id_))
    found: list[dict[str, Any]] = answer["EventSourceMappings"]
    return found[0] if found else None


def _name(id_: str) -> str:
    return carriers.named("pipe", id_)
