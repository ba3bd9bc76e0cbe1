"""What ends an order, and what only delays it; the workflow matches on these names."""

from shared.problems import BusyError


class RefusalError(Exception):
    """A reason to reject an order, in words that its customer may read; it will not pass."""


class PaymentDeclinedError(RefusalError):
    """The gateway does not take this payment."""


class PaymentUndoneError(RefusalError):
    """A charge that comes after its refund."""


class OutOfStockError(RefusalError):
    """Less is there than was ordered."""


class ReservationReleasedError(RefusalError):
    """A reservation that comes after its release."""


class TooManyLinesError(RefusalError):
    """More lines than one transaction reserves."""


class GatewayUnavailableError(BusyError):
    """The gateway does not answer for now."""


class ChargeMismatchError(Exception):
    """Another charge with an idempotency key that was used before."""
