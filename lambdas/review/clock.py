"""The time, as items have it."""

from datetime import UTC, datetime


def now() -> str:
    """Return the time in UTC with microseconds, which sorts as text."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
