"""Who packs and sends an order."""

from typing import Protocol

from shared.events import OrderConfirmed
from shared.observability import logger


class Gateway(Protocol):
    """A warehouse, which knows the customers' addresses."""

    def notify(self, order: OrderConfirmed, idempotency_key: str) -> None:
        """Ask for an order's lines to be sent; once for each key, if the warehouse can."""


class SandboxGateway:
    """Writes to the log what it would ask for."""

    def notify(self, order: OrderConfirmed, idempotency_key: str) -> None:
        """Log what is to be packed."""
        pieces = sum(line.quantity for line in order.lines)
        logger.info("to be sent", extra={"idempotency_key": idempotency_key, "pieces": pieces})
