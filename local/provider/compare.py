"""When two values are the same to AWS."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from local.provider.wire import Properties


def same(one: Any, other: Any) -> bool:
    """Whether two inputs mean the same: JSON documents are compared as what they say."""
    return bool(_parsed(one) == _parsed(other))


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def changed(olds: Properties, news: Properties) -> list[str]:
    """Return the names of the inputs that differ."""
    keys = olds.keys() | news.keys()
    return sorted(key for key in keys if not same(olds.get(key), news.get(key)))


def as_given(given: Any, live: Any) -> Any:
    """Return an input as the program gave it where what is there means the same, else what is.

    AWS adds defaults, sorts lists and answers with other types: none of that is drift. What an API
    does not tell (`live` is None) cannot have drifted.
    """
    return given if live is None or _means(_parsed(given), _parsed(live)) else live


def _means(given: Any, live: Any) -> bool:
    if isinstance(given, Mapping) and isinstance(live, Mapping):
        return all(_means(each, live.get(key)) for key, each in given.items() if each)
    if _is_list(given) and _is_list(live):
        return len(given) == len(live) and all(
            any(_means(each, other) for other in live) for each in given
        )
    if given is None or live is None:
        return not given and not live
    return str(given).lower() == str(live).lower()


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
