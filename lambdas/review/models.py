"""Reviews, as the workflow asks for them and as they are kept."""

from typing import Literal, TypeAlias

from shared.events import Part

Decision: TypeAlias = Literal["APPROVED", "REJECTED"]
Status: TypeAlias = Literal["WAITING", "APPROVED", "REJECTED", "EXPIRED"]
PUBLIC = {
    "order_id",
    "customer_id",
    "total",
    "currency",
    "status",
    "requested_at",
    "reviewer",
    "decided_at",
}


class Asked(Part):
    """What the workflow asks, and the token that its task waits with."""

    order_id: str
    customer_id: str
    total: int
    currency: str
    token: str


class Review(Part):
    """A review as the table keeps it; the total is in minor units, times are ISO 8601 in UTC."""

    order_id: str
    customer_id: str
    total: int
    currency: str
    status: Status
    requested_at: str
    reviewer: str | None = None
    decided_at: str | None = None
    # One for each execution that waits: of two workflows of one order, each has its own.
    callbacks: frozenset[str]

    def public(self) -> dict[str, object]:
        """Return what reviewers see."""
        return self.model_dump(include=PUBLIC, exclude_none=True)
