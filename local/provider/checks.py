"""What is wrong with a resource's inputs, as pulumi_aws's own classes tell it."""

import re
from collections.abc import Iterator
from typing import Any

from local.provider import hints, wire
from local.provider.schema import Schema

SCALARS = {str: (str, int, float, bool), int: (int,), float: (int, float), bool: (bool,)}
Mistake = tuple[str, str]
# Blocks of the provider's that may be left out, and that AWS refuses to be sent empty; the classes
# ask for them all the same.
OPTIONAL = frozenset(
    {
        "capacityProviderScalingConfigs.scalingPolicies",
        "instanceRequirements.allowedInstanceTypes",
        "instanceRequirements.excludedInstanceTypes",
    }
)


def mistakes(schema: Schema, inputs: wire.Properties) -> Iterator[Mistake]:
    """Return the property and the reason of each mistake, nested ones by their path."""
    yield from _of_object(schema.inputs, schema.required, inputs, "")


def _of_object(
    known: dict[str, Any], required: frozenset[str], given: wire.Properties, path: str
) -> Iterator[Mistake]:
    for key in sorted(required - given.keys()):
        if re.sub(r"\[\d+\]", "", path + key) not in OPTIONAL:
            yield path + key, "is required and was not given"
    for key, value in given.items():
        if key in known:
            yield from _of_value(known[key], value, path + key)
        else:
            allowed = f": allowed are {', '.join(sorted(known))}" if path else " of this type"
            yield path + key, f"is not a property{allowed}"


def _of_value(hint: Any, value: Any, path: str) -> Iterator[Mistake]:
    # What is unknown before the deployment is checked when it is known.
    if isinstance(value, str) and value in wire.UNKNOWNS:
        return
    wanted = _mismatch(hint, value)
    if wanted:
        yield path, f"is {value!r}: allowed is {wanted}"
    elif hints.is_list(hint):
        for number, each in enumerate(value):
            yield from _of_value(hints.element(hint), each, f"{path}[{number}]")
    elif hints.is_map(hint):
        for key, each in value.items():
            yield from _of_value(hints.element(hint), each, f"{path}.{key}")
    elif hints.is_object(hint):
        yield from _of_object(hints.members(hint), hints.required(hint), value, f"{path}.")


def _mismatch(hint: Any, value: Any) -> str | None:
    """Return what the type wants, where the value is certainly something else."""
    if hint in SCALARS:
        wrong = isinstance(value, bool) and hint in (int, float)
        fits = isinstance(value, SCALARS[hint]) and not wrong
        return None if fits else f"a {hint.__name__}"
    if hints.is_list(hint):
        return None if isinstance(value, list) else "a list"
    if hints.is_map(hint) or hints.is_object(hint):
        return None if isinstance(value, dict) else "an object"
    return None
