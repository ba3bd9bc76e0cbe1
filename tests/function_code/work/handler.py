"""A function for the tests of components."""

from typing import Any


def handle(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Return the event."""
    return event
