"""JSONata expressions inside JSON, as Step Functions reads them: `{% $states.input.id %}`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import pulumi
from jsonata.jexception import JException
from jsonata.parser import Parser

from components.core.checks import when

# Any part may be an expression, and any text may come from a resource.
Json: TypeAlias = (
    "str | float | bool | Sequence[Json] | Mapping[str, Json] | pulumi.Output[Any] | None"
)
OPENING, CLOSING = "{%", "%}"


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
            yield _syntax(text, where)
        else:
            half = text.startswith(OPENING) or text.endswith(CLOSING)
            yield when(half, f"{where} is {text!r}: allowed is {OPENING} expression {CLOSING}")


def must_be_expression(value: object, path: str) -> str | None:
    """Allow nothing but an expression."""
    wrong = not is_expression(value)
    return when(wrong, f"{path} is {value!r}: allowed is {OPENING} expression {CLOSING}")


def _syntax(text: str, path: str) -> str | None:
    try:
        Parser().parse(text[len(OPENING) : -len(CLOSING)].strip())
    except JException as error:
        return f"{path} is {text!r}: allowed is JSONata ({error})"
    return None
