"""The plan of a run: which faults befall what, all of it from one seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from local.demo.orders import KINDS, STOCK, Kind
from local.runtime.faults import AFTER, BEFORE, STALE, THROTTLED, TWICE, UNHEARD

# How often each kind is ordered, by its title.
WEIGHTS = {
    "good": 80,
    "card declined": 4,
    "declined at the charge": 4,
    "out of stock": 4,
    "high value, approved": 2,
    "high value, rejected": 2,
}
# More is ordered of it than there is: each unit must be sold once.
SCARCE = Kind(title="last pieces", lines={"cup-last": 1}, ends="")
SCARCE_WEIGHT = 4
# The share of a function's invocations that fares so.
RATES = {BEFORE: 0.006, AFTER: 0.006, TWICE: 0.02, STALE: 0.02}
# The share of the calls that a workflow makes itself.
WORKFLOW_RATES = {THROTTLED: 0.05, UNHEARD: 0.05}
# The share of calls to a service that fares so; the functions' clients give up after 2 seconds.
ERRORS = {
    "dynamodb": ("ProvisionedThroughputExceededException", "InternalServerError"),
    "events": ("ThrottlingException", "InternalException"),
    "s3": ("SlowDown", "InternalError"),
    "sqs": ("RequestThrottled", "InternalFailure"),
    "states": ("ThrottlingException", "ServiceUnavailable"),
}
THROTTLES, FAILURES, RESETS, NO_ANSWERS, SILENT, LATE = 0.03, 0.01, 0.01, 0.02, 0.003, 0.003
TIMEOUT_MS = 2_500
# With the length, the head of the answer would be sent, and clients take that for all of it.
NO_ANSWER = {"abort_bytes": 0, "strip_headers": ["Content-Length"]}
PAUSE_SECONDS = (1.0, 3.0)
EACH_REPEATED = 10


def faults_of(service: str | None, codes: tuple[str, str], **match: Any) -> list[dict[str, Any]]:
    """Return the proxy's rules for a service.

    The answer that is lost belongs to a call that was done, and so does the late call: it is done
    after the client has given it up and perhaps repeated it.
    """
    where = {"service": service or "*", **match}
    throttle, failure = codes
    return [
        {**where, "probability": THROTTLES, "error": {"code": throttle}},
        {**where, "probability": FAILURES, "error": {"code": failure, "status": 500}},
        {**where, "probability": RESETS, "reset": True},
        {**where, "probability": NO_ANSWERS, "response": NO_ANSWER},
        {**where, "probability": SILENT, "timeout_ms": TIMEOUT_MS},
        {**where, "probability": LATE, "latency": TIMEOUT_MS},
    ]


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What happens once so many orders are placed; `pick` chooses among what there is."""

    after: int
    what: str
    pick: float


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run orders, and which faults befall it."""

    seed: int
    orders: tuple[Kind, ...]
    moments: tuple[Moment, ...]

    @classmethod
    def of(cls, seed: int, orders: int) -> Self:
        """Draw a plan."""
        draw = random.Random(seed)  # noqa: S311
        kinds = {kind.title: kind for kind in (*KINDS, SCARCE)}
        weights = {**WEIGHTS, SCARCE.title: SCARCE_WEIGHT}
        titles = draw.choices(list(weights), list(weights.values()), k=orders)
        # Each kind comes up, however few are ordered.
        titles[: len(weights)] = list(weights)[: len(titles)]
        draw.shuffle(titles)
        many = max(2, orders // 100)
        moments = [
            Moment(after=draw.randrange(1, orders), what=what, pick=draw.random())
            for what in ["kill a function"] * 3 * many + ["pause the emulator"] * many
        ]
        return cls(
            seed=seed,
            orders=tuple(kinds[title] for title in titles),
            moments=tuple(sorted(moments, key=lambda moment: moment.after)),
        )

    @property
    def shelves(self) -> Mapping[str, int]:
        """The stock: enough of all but the last pieces, which are half of those ordered."""
        scarce = max(1, sum(kind is SCARCE for kind in self.orders) // 2)
        return {**STOCK, "pot-iron": 100_000, **dict.fromkeys(SCARCE.lines, scarce)}

    def with_poison(self, kinds: int) -> list[Moment]:
        """Return the moments, and one for each kind of poison among them."""
        draw = random.Random(f"{self.seed}/poison")  # noqa: S311
        poison = [
            Moment(after=draw.randrange(1, len(self.orders)), what="poison", pick=draw.random())
            for _ in range(kinds)
        ]
        return sorted([*self.moments, *poison], key=lambda moment: moment.after)

    def rules(self) -> list[dict[str, Any]]:
        """Return the proxy's rules: for each service, and for the front door."""
        services = [rule for service in ERRORS for rule in faults_of(service, ERRORS[service])]
        door = faults_of(None, ("", ""), headers={"idempotency-key": ""})
        return services + [rule for rule in door if "error" not in rule]

    def of_functions(self) -> Mapping[str, Any]:
        """Return what functions and workflows go by."""
        return {"seed": self.seed, "rates": RATES, "workflow_rates": WORKFLOW_RATES}
