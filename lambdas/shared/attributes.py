"""DynamoDB's attribute values, for the types that items here are made of."""

from collections.abc import Mapping
from typing import Any

# boto3's serializer would bring boto3, which is half of a cold start.


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as an item."""
    return {name: _to_attribute(value) for name, value in values.items()}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item, or an image of a stream, as values."""
    return {name: _from_attribute(attribute) for name, attribute in item.items()}


def _to_attribute(value: object) -> dict[str, Any]:
    match value:
        case str() | bytes():
            return {"S" if isinstance(value, str) else "B": value}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case frozenset():
            return {"SS": sorted(value)}
        case list():
            return {"L": [_to_attribute(each) for each in value]}
        case dict():
            return {"M": to_item(value)}
    raise TypeError(f"{type(value).__name__} cannot be stored")


def _from_attribute(attribute: Mapping[str, Any]) -> object:
    match [*attribute.items()]:
        case [("S" | "BOOL" | "B", value)]:
            return value
        case [("N", str(digits))]:
            return int(digits)
        case [("SS", list(values))]:
            return frozenset(values)
        case [("L", list(values))]:
            return [_from_attribute(each) for each in values]
        case [("M", dict(values))]:
            return from_item(values)
    raise ValueError(f"an attribute of type {[*attribute]} cannot be read")
