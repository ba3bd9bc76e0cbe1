"""Which capacity a step scaling policy wants.

https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
"""

import math
import time
from dataclasses import dataclass
from typing import Any


@dataclass
class Steps:
    """The steps of one target: a step counts for as long as its cooldown lasts."""

    faster: float = 1
    _from: int = 0
    _to: int = 0
    _until: float = 0

    def wanted(self, configuration: Any, current: int, breach: float) -> int:
        """Return the capacity that a breach asks for, or the one that is there."""
        cooling = time.monotonic() < self._until
        grew = self._to > self._from
        # What the last step has added is part of what this one asks for.
        base = self._from if cooling and grew else current
        wanted = adjusted(configuration, base, breach)
        if wanted > base:
            return max(wanted, current)
        return current if cooling else min(wanted, current)

    def taken(self, configuration: Any, current: int, wanted: int) -> None:
        """Take note of a step."""
        cooling = time.monotonic() < self._until
        if not (cooling and wanted > current and self._to > self._from):
            self._from = current
        self._to = wanted
        self._until = time.monotonic() + configuration.get("Cooldown", 0) / self.faster


def adjusted(configuration: Any, capacity: int, breach: float) -> int:
    """Return a capacity after the step that a breach falls into."""
    for step in configuration.get("StepAdjustments", ()):
        lower = step.get("MetricIntervalLowerBound", -math.inf)
        upper = step.get("MetricIntervalUpperBound", math.inf)
        # The bound that is nearer to the threshold belongs to a step.
        inside = lower <= breach < upper if lower >= 0 else lower < breach <= upper
        if inside:
            return max(0, _changed(configuration, capacity, step["ScalingAdjustment"]))
    return capacity


def _changed(configuration: Any, capacity: int, adjustment: int) -> int:
    kind = configuration["AdjustmentType"]
    if kind == "ExactCapacity":
        return adjustment
    if kind == "ChangeInCapacity":
        return capacity + adjustment
    least = configuration.get("MinAdjustmentMagnitude", 0)
    change = capacity * adjustment / 100
    # Between 0 and 1 it is 1, above it is rounded down; the same below zero.
    whole = math.copysign(max(least, math.floor(abs(change)) or math.ceil(abs(change))), change)
    return capacity + int(whole)
