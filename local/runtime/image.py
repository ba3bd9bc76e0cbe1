"""Stands where a function of a container image would run, and says that none does."""

from typing import Any

HANDLER = "local.runtime.image.handle"


class NotEmulatedError(RuntimeError):
    """An invocation of what the local stage records and does not run."""


def handle(_event: Any, _context: Any) -> None:
    """Fail: nothing pretends to be the image."""
    raise NotEmulatedError("functions of container images are recorded, not emulated")
