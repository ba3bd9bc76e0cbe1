"""What is wrong with a resource's inputs, as pulumi_aws's own classes tell it."""

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from local.provider import wire
from local.provider.schema import Schema

SCALARS = {str: (str, int, float, bool), int: (int,), float: (int, float), bool: (bool,)}


def mistakes(schema: Schema, inputs: wire.Properties) -> Iterator[tuple[str, str]]:
    """Return the property and the reason of each mistake."""
    for key in sorted(schema.required - inputs.keys()):
        yield key, "is required and was not given"
    for key, value in inputs.items():
        if key not in schema.inputs:
            yield key, "is not a property of this type"
        elif not wire.is_unknown(value):
            wanted = _mismatch(schema.inputs[key], value)
            if wanted:
                yield key, f"is {value!r}: allowed is {wanted}"


def _mismatch(hint: Any, value: Any) -> str | None:
    """Return what the hint wants, where the value is certainly something else."""
    if hint in SCALARS:
        return None if isinstance(value, SCALARS[hint]) else f"a {hint.__name__}"
    kind = get_origin(hint)
    if kind is not None and isinstance(kind, type) and issubclass(kind, list):
        return None if isinstance(value, list) else "a list"
    if kind is not None and len(get_args(hint)) == 2 and not isinstance(value, dict):  # noqa: PLR2004
        return "an object"
    return None
