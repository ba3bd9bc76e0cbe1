"""Event patterns, checked before EventBridge sees them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from components.core.checks import between, check

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
CHARACTERS = 4_096
FIELDS = frozenset(
    {
        *("account", "detail", "detail-type", "id", "region", "resources", "source", "time"),
        *("version", "replay-name", "$or"),
    }
)
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
OPERATORS = frozenset(
    {
        *("anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix"),
        *("suffix", "wildcard"),
    }
)


def document(pattern: Mapping[str, Any]) -> str:
    """Return a pattern as EventBridge takes it.

    Raises:
        ArgumentsError: for a pattern that is empty or too long, names a field that events do not
            have, compares with something else than a list, or uses an unknown operator.
    """
    text = json.dumps(pattern)
    check(
        between("characters of the pattern", len(text), 3, CHARACTERS),
        *(
            f"pattern names {field!r}: allowed is {', '.join(sorted(FIELDS))}"
            for field in pattern
            if field not in FIELDS
        ),
        *comparison_mistakes("pattern", pattern),
    )
    return text


def comparison_mistakes(what: str, pattern: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield what is wrong with the comparisons of a pattern, or of what shares its language."""
    for key, value in pattern.items():
        here = f"{path}.{key}" if path else key
        if key == "$or" and isinstance(value, list):
            for each in value:
                yield from comparison_mistakes(what, each, here)
        elif isinstance(value, Mapping):
            yield from comparison_mistakes(what, value, here)
        elif not isinstance(value, list) or not value:
            yield f"{what} {here} is {value!r}: allowed is a list of values or operators"
        else:
            yield from _operator_mistakes(f"{what} {here}", value)


def _operator_mistakes(where: str, values: list[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, Mapping) and not (len(value) == 1 and OPERATORS.issuperset(value)):
            allowed = ", ".join(sorted(OPERATORS))
            yield f"{where} has {dict(value)!r}: allowed is one of {allowed}"
        elif isinstance(value, list):
            yield f"{where} has a list in a list: allowed is values or operators"
