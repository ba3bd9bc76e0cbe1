"""Who carries a mail to its customer."""

from typing import Protocol

from notifications.logic import Notice
from shared.observability import logger


class Gateway(Protocol):
    """A provider of mail, which knows the customers' addresses."""

    def send(self, notice: Notice, idempotency_key: str) -> None:
        """Send a notice; of two with the same key, the provider drops the second if it can."""


class SandboxGateway:
    """Writes to the log what it would send, without the text, which is the customer's own."""

    def send(self, notice: Notice, idempotency_key: str) -> None:
        """Log a notice."""
        logger.info("mail", extra={"idempotency_key": idempotency_key, "kind": notice.kind})
