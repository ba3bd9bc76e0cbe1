"""When two values are the same to AWS."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from local.provider import hints
from local.provider.wire import Properties


def same(one: Any, other: Any) -> bool:
    """Whether two inputs mean the same.

    JSON documents are compared as what they say; a number or a boolean is the same as its text,
    which is what some APIs answer with.
    """
    return bool(_plain(one) == _plain(other))


def _plain(value: Any) -> Any:
    """Return a value in the one form that all values of its meaning have."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if _is_list(value):
        return [_plain(each) for each in value]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int):
        return str(value)
    return _document(value) if isinstance(value, str) else value


def _document(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return _plain(json.loads(text))
    except ValueError:
        return text


def changed(olds: Properties, news: Properties) -> list[str]:
    """Return the names of the inputs that differ."""
    keys = olds.keys() | news.keys()
    return sorted(key for key in keys if not same(olds.get(key), news.get(key)))


def as_given(given: Any, live: Any, hint: Any = None) -> Any:
    """Return an input as the program gave it where what is there means the same, else what is.

    AWS adds defaults, sorts lists and answers with other types: none of that is drift. What an API
    does not tell (`live` is None) cannot have drifted. `hint` is the property's type: a tag or a
    variable that the program does not give is drift, any other property is a default.
    """
    return given if live is None or _means(given, live, hint) else live


def _means(given: Any, live: Any, hint: Any) -> bool:
    if live is None:
        return not given
    if isinstance(given, Mapping) and isinstance(live, Mapping):
        if hints.is_map(hint) and live.keys() - given.keys():
            return False
        inside = hints.members(hint)
        return all(
            _means(each, live.get(key), inside.get(key, hints.element(hint)))
            for key, each in given.items()
        )
    if _is_list(given) and _is_list(live):
        return _means_all(given, live, hints.element(hint))
    return same(given, live)


def _means_all(given: Sequence[Any], live: Sequence[Any], hint: Any) -> bool:
    """Whether each of two lists has its own match in the other, in any order."""
    left = list(live)
    for each in given:
        found = next((n for n, other in enumerate(left) if _means(each, other, hint)), None)
        if found is None:
            return False
        del left[found]
    return not left


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
