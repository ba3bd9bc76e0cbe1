"""JSONata expressions inside JSON, as Step Functions reads them: `{% $states.input.id %}`."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import pulumi
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.parser import Parser

from components.core.checks import when

# Any part may be an expression, and any text may come from a resource.
Json: TypeAlias = (
    "str | float | bool | Sequence[Json] | Mapping[str, Json] | pulumi.Output[Any] | None"
)
OPENING, CLOSING = "{%", "%}"
# https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
OF_STEP_FUNCTIONS = {"hash", "parse", "partition", "random", "range", "uuid"}
FUNCTIONS = frozenset({*Jsonata.static_frame.bindings, *OF_STEP_FUNCTIONS} - {"eval"})
# `$` and `$$` are nameless.
ALWAYS_THERE = FUNCTIONS | {"states", "", "$"}


def is_expression(value: object) -> bool:
    """Whether a value is an expression, and not JSON as it stands."""
    return isinstance(value, str) and value.startswith(OPENING) and value.endswith(CLOSING)


def texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Return each text of a value that is known here, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from texts(each, f"{path}.{key}")
    elif isinstance(value, Sequence):
        for number, each in enumerate(value):
            yield from texts(each, f"{path}[{number}]")


def mistakes(value: object, path: str) -> Iterator[str | None]:
    """Return what Step Functions would refuse in the expressions of a value."""
    for where, text in texts(value, path):
        if is_expression(text):
            error = _parsed(text)[1]
            yield error and f"{where} is {text!r}: allowed is JSONata ({error})"
        else:
            half = text.startswith(OPENING) or text.endswith(CLOSING)
            yield when(half, f"{where} is {text!r}: allowed is {OPENING} expression {CLOSING}")


def must_be_expression(value: object, path: str) -> str | None:
    """Allow nothing but an expression."""
    wrong = not is_expression(value)
    return when(wrong, f"{path} is {value!r}: allowed is {OPENING} expression {CLOSING}")


def free_variables(value: object) -> set[str]:
    """Return the variables that a value's expressions use without setting them themselves."""
    found = set[str]()
    for _, text in texts(value, ""):
        if is_expression(text):
            used, bound = set[str](), set[str]()
            _collect(_parsed(text)[0], used, bound)
            found |= used - bound
    return found - ALWAYS_THERE


@functools.cache
def _parsed(text: str) -> tuple[Any, str]:
    """Return the tree of an expression, or the mistake in it."""
    try:
        return Parser().parse(text[len(OPENING) : -len(CLOSING)].strip()), ""
    except JException as error:
        return None, str(error)


def _collect(node: Any, used: set[str], bound: set[str]) -> None:
    if isinstance(node, list):
        for each in node:
            _collect(each, used, bound)
    elif isinstance(node, Parser.Symbol):
        if node.type == "variable":
            used.add(node.value)
        # By a function's parameters, by `:=`, and by `@$` and `#$` in a path.
        binders = [*(node.arguments if node.type == "lambda" else ())]
        binders += [node.lhs] if node.type == "bind" else []
        bound.update(each.value for each in binders)
        bound.update(name for name in (node.focus, node.index) if isinstance(name, str))
        for name, each in vars(node).items():
            if name != "_outer_instance":
                _collect(each, used, bound)
