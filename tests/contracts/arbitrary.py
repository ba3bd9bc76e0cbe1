"""Arbitrary arguments for an args class, made from its annotations; some are refused."""

import dataclasses
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Interval
from hypothesis import assume
from hypothesis import strategies as st

from components.core.checks import ArgumentsError
from tests.recording import Recorded, deploy

TEXTS = ("", "a", "abc", "by_owner", "id", "$", "x" * 300, "arn:aws:x", "EU", "é", "a b", "*")
WORDS = st.sampled_from(TEXTS) | st.text(max_size=4)


def of_hint(hint: Any) -> st.SearchStrategy[Any] | None:
    """Return a strategy for an annotation; None where it is of components or outputs."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        (interval,) = [each for each in parts[1:] if isinstance(each, Interval)]
        low: Any = interval.ge
        high: Any = interval.le
        return st.sampled_from([low, high, low - 1, high + 1]) | st.integers(low, high)
    if origin is Literal:
        return st.sampled_from(parts)
    if origin in (Union, types.UnionType):
        found = [of_hint(part) for part in parts if part is not types.NoneType]
        known = [each for each in found if each is not None]
        missing = st.none() if types.NoneType in parts else st.nothing()
        return missing | st.one_of(known) if known else None
    if origin is Sequence:
        inner = of_hint(parts[0])
        return None if inner is None else st.lists(inner, max_size=3).map(tuple)
    if origin is Mapping:
        inner = of_hint(parts[1])
        return None if inner is None else st.dictionaries(WORDS, inner, max_size=2)
    return of_class(hint)


def of_class(hint: Any) -> st.SearchStrategy[Any] | None:
    if hint is str:
        return WORDS
    if hint is bool:
        return st.booleans()
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        required = [each for each in dataclasses.fields(hint) if needed(each)]
        if all(of_hint(each.type) is not None for each in required):
            return arguments(hint)
    return None


def deployed(
    case: tuple[st.SearchStrategy[Any], Callable[[Any], object]], data: st.DataObject
) -> list[Recorded] | None:
    """Return what a program makes of arbitrary arguments; None where these are refused."""
    strategy, program = case
    given = data.draw(strategy)
    try:
        return deploy(lambda: program(given) and None).resources
    except ArgumentsError:
        return None


def needed(field: Any) -> bool:
    return field.default is field.default_factory is dataclasses.MISSING


def arguments(cls: Any, **fixed: Any) -> st.SearchStrategy[Any]:
    """Return a strategy of valid instances: what the class refuses is not one."""
    fields = {}
    for each in dataclasses.fields(cls):
        if each.name not in fixed:
            strategy = of_hint(each.type)
            if strategy is not None:
                defaulted = each.default is not dataclasses.MISSING
                fields[each.name] = st.just(each.default) | strategy if defaulted else strategy

    @st.composite
    def made(draw: st.DrawFn) -> Any:
        # Few fields at a time: with many, one of them is nearly always refused.
        names = draw(st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=4))
        required = {e.name for e in dataclasses.fields(cls) if needed(e) and e.name in fields}
        given = {name: draw(fields[name]) for name in sorted({*names, *required})}
        made = None
        try:
            made = cls(**given, **fixed)
        except ArgumentsError:
            assume(made)
        return made

    return made() if fields else st.just(cls(**fixed))
