"""Checks of arguments: what was given, what is allowed, and all mistakes at once.

Limits stand in the annotations of an args class, `Annotated[int, Interval(ge=1, le=900)]` or
`Literal["S", "N"]`, where editors, JSON schemas and property tests read them too.
"""

import functools
import re
import types
from collections.abc import Collection, Iterator
from dataclasses import fields
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Interval


class ArgumentsError(ValueError):
    """Arguments that AWS would refuse; `mistakes` has one sentence each."""

    def __init__(self, mistakes: Collection[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = tuple(mistakes)


def check(*mistakes: str | None) -> None:
    """Raise an ArgumentsError when a rule found a mistake."""
    found = [mistake for mistake in mistakes if mistake]
    if found:
        raise ArgumentsError(found)


def check_fields(args: Any) -> None:
    """Check the annotated limits of a dataclass; rules between its fields come after."""
    cls: Any = type(args)
    check(
        *(
            limit(name, getattr(args, name))
            for name, limit in _limits(cls)
            if getattr(args, name) is not None
        )
    )


def between(name: str, value: Any, low: Any, high: Any) -> str | None:
    """Allow a number from `low` to `high`."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and low <= value <= high:
        return None
    return f"{name} is {value!r}: allowed is {low:,} to {high:,}"


def one_of(name: str, value: object, allowed: Collection[object]) -> str | None:
    """Allow one of the values named."""
    if value in allowed:
        return None
    return f"{name} is {value!r}: allowed is {', '.join(map(repr, allowed))}"


def matches(name: str, value: str, pattern: str, words: str) -> str | None:
    """Allow what the whole `pattern` describes; `words` say the same to a reader."""
    if re.fullmatch(pattern, value):
        return None
    return f"{name} is {value!r}: allowed is {words}"


def when(mistaken: bool, message: str) -> str | None:
    """Return the message of a rule that is broken."""
    return message if mistaken else None


@functools.cache
def _limits(cls: Any) -> list[tuple[str, Any]]:
    return [(each.name, limit) for each in fields(cls) for limit in _of_hint(each.type)]


def _of_hint(hint: Any) -> Iterator[Any]:
    if get_origin(hint) in (Union, types.UnionType):
        for part in get_args(hint):
            yield from _of_hint(part)
    elif get_origin(hint) is Literal:
        yield functools.partial(one_of, allowed=get_args(hint))
    elif get_origin(hint) is Annotated:
        for each in get_args(hint)[1:]:
            if isinstance(each, Interval):
                yield functools.partial(between, low=each.ge, high=each.le)
