"""What a property's type says of what is inside it, as pulumi_aws's own classes nest them."""

import functools
import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Union, get_args, get_origin

from pulumi import _types


def is_list(hint: Any) -> bool:
    """Whether a type is a list."""
    return _is(hint, Sequence)


def is_map(hint: Any) -> bool:
    """Whether a type is a map, whose keys are the program's own: tags, variables."""
    return _is(hint, Mapping)


def _is(hint: Any, kind: type) -> bool:
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, kind)


def element(hint: Any) -> Any:
    """Return the type of a list's elements or a map's values, None for any other type."""
    if not (is_list(hint) or is_map(hint)):
        return None
    # Each may be given as what it is, or as an output of it: the first says what it is.
    inner = get_args(hint)[-1]
    return get_args(inner)[0] if get_origin(inner) is Union else inner


def is_object(hint: Any) -> bool:
    """Whether a type is a class of nested properties."""
    return isinstance(hint, type) and _types.is_input_type(hint)


@functools.cache
def members(hint: Any) -> dict[str, Any]:
    """Return the properties of a nested class, by their names on the wire."""
    return _types.input_type_types(hint) if is_object(hint) else {}


@functools.cache
def required(args: Any) -> frozenset[str]:
    """Return the properties that a class of arguments does not do without."""
    wire = _types.input_type_py_to_pulumi_names(args)
    parameters = inspect.signature(args.__init__).parameters
    return frozenset(
        wire[name]
        for name, parameter in parameters.items()
        if name in wire and parameter.default is parameter.empty
    )
