"""Converts between Pulumi's properties and the requests of AWS's APIs, by botocore's shapes.

Most names differ only in their case: `routeKey` is `RouteKey`, `kmsKeyArn` is `KMSKeyArn`. What
differs more stands in a handler's `renames`, from Pulumi's name to the API's, at any depth.
"""

from collections.abc import Mapping
from typing import Any

Renames = Mapping[str, str]


def to_request(shape: Any, properties: Mapping[str, Any], renames: Renames) -> dict[str, Any]:
    """Return the members of a structure that the properties give."""
    members = {name.lower(): name for name in shape.members}
    request = {}
    for key, value in properties.items():
        name = members.get(renames.get(key, key).lower()) or members.get(key.lower())
        if name is not None and value is not None:
            request[name] = _to_member(shape.members[name], value, renames)
    return request


def _to_member(shape: Any, value: Any, renames: Renames) -> Any:
    if shape.type_name == "structure" and isinstance(value, dict):
        return to_request(shape, value, renames)
    if shape.type_name == "list" and isinstance(value, list):
        return [_to_member(shape.member, each, renames) for each in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: _to_member(shape.value, each, renames) for key, each in value.items()}
    if shape.type_name == "string" and not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value


def from_response(shape: Any, response: Mapping[str, Any], renames: Renames) -> dict[str, Any]:
    """Return a response's members under Pulumi's names."""
    given = {name: key for key, name in renames.items()}
    return {
        given.get(name, name[0].lower() + name[1:]): _from_member(
            shape.members[name], value, renames
        )
        for name, value in response.items()
        if name in shape.members and value is not None
    }


def _from_member(shape: Any, value: Any, renames: Renames) -> Any:
    if shape.type_name == "structure":
        return from_response(shape, value, renames)
    if shape.type_name == "list":
        return [_from_member(shape.member, each, renames) for each in value]
    if shape.type_name == "map":
        return {key: _from_member(shape.value, each, renames) for key, each in value.items()}
    if shape.type_name == "timestamp":
        return str(value)
    return value


def operation(client: Any, method: str) -> Any:
    """Return botocore's model of an operation, by its Python name."""
    name = client.meta.method_to_api_mapping[method]
    return client.meta.service_model.operation_model(name)
