"""How far a job has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Where a job goes on, what it has counted by then, and what else it must know."""

    position: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
