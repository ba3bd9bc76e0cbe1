"""What a payment gateway does for us."""

from typing import Literal, Protocol

Undone = Literal["REFUNDED", "VOIDED"]


class Gateway(Protocol):
    """A gateway that knows each payment by a key of ours: what is repeated has no second effect.

    Every method raises `GatewayUnavailableError` or `BusyError` when it can be tried again.
    """

    def authorise(self, key: str, token: str, amount: int, currency: str) -> None:
        """Ask whether a charge would be taken; the amount is in minor units.

        Raises:
            PaymentDeclinedError: for a token that is unknown or declined.
            PaymentUndoneError: when the payment was refunded or voided before.
        """

    def charge(self, key: str, token: str, amount: int, currency: str) -> None:
        """Take the amount, once for each key.

        Raises:
            PaymentDeclinedError: for a token that is unknown or declined.
            PaymentUndoneError: when the payment was refunded or voided before.
            ChargeMismatchError: when the key stands for another amount or currency.
        """

    def refund(self, key: str) -> Undone:
        """Give back what was charged, and refuse every later charge, even when there was none."""
