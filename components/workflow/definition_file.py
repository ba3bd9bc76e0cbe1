"""A definition that is written in Amazon States Language already, in a file of its own."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi

from components.core.checks import ArgumentsError, when
from components.workflow.expressions import texts
from components.workflow.task import TOKEN

PLACE = re.compile(r"\$\{(\w+)\}")


def read(path: str) -> dict[str, Any]:
    """Return what a file holds.

    Raises:
        ArgumentsError: unless it is there, and is a JSON object with StartAt and States.
    """
    try:
        found = json.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise ArgumentsError([f"definition_file is {path!r}: allowed is JSON ({error})"]) from None
    if not (isinstance(found, dict) and found.get("StartAt") in found.get("States", {})):
        raise ArgumentsError([f"definition_file is {path!r}: allowed is one with StartAt, States"])
    return found


def file_mistakes(
    found: Mapping[str, Any], substitutions: Mapping[str, Any], *, express: bool
) -> Iterator[str | None]:
    """Return the places without a substitution, those without a place, and what is not express."""
    places = {name for _, text in texts(found, "") for name in PLACE.findall(text)}
    yield from (
        f"definition_file names ${{{name}}}: allowed is one of {sorted(substitutions)}"
        for name in sorted(places - set(substitutions))
    )
    yield from (
        f"substitutions has {name!r}: allowed is one of {sorted(places)}"
        for name in sorted(set(substitutions) - places)
    )
    for where, text in texts(found, ""):
        waits = where.endswith(".Resource") and (".sync" in text or TOKEN in text)
        yield when(
            express and waits,
            f"definition_file has {text!r}: allowed is no .sync and no {TOKEN} in an EXPRESS "
            "workflow",
        )


def substituted(value: Any, substitutions: Mapping[str, pulumi.Input[str]]) -> Any:
    """Return a definition with its places filled: `${Table}` by `substitutions["Table"]`."""
    if isinstance(value, dict):
        return {key: substituted(each, substitutions) for key, each in value.items()}
    if isinstance(value, list):
        return [substituted(each, substitutions) for each in value]
    if not isinstance(value, str) or not PLACE.search(value):
        return value
    # Texts and names of places take turns.
    parts = PLACE.split(value)
    filled = [substitutions[part] if n % 2 else part for n, part in enumerate(parts)]
    return pulumi.Output.concat(*filled)
