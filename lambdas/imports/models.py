"""Rows of a file, and the report of what became of them."""

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from shared.events import Part
from shared.jobs.checkpoint import Checkpoint
from shared.orders import (
    KEY,
    Currency,
    Line,
    NewOrder,
    PaymentToken,
    Quantity,
    Sku,
    Strict,
    UnitPrice,
)

# A report stays small and a function's memory too, whatever a file is made of.
MOST_ERRORS = 1_000
REASON_CHARACTERS = 500
COUNTS = ("rows", "placed", "repeated", "refused")
DIGITS = re.compile(r"[0-9]{1,9}")


def _number(text: str) -> int:
    # Pydantic would take 1.0 and 1_0, which no partner means.
    if not DIGITS.fullmatch(text):
        raise PydanticCustomError("digits", "Input should be a whole number of 1 to 9 digits")
    return int(text)


Number = BeforeValidator(_number)
Key = Annotated[str, Field(pattern=f"^{KEY.pattern}$")]


class Row(Strict):
    """A row: an order of one line. Its fields are the file's columns."""

    reference: Key
    customer_id: Key
    sku: Sku
    quantity: Annotated[Quantity, Number]
    unit_price: Annotated[UnitPrice, Number]
    currency: Currency
    payment_token: PaymentToken

    def order(self) -> NewOrder:
        """Return the order that the row asks for, as `POST /orders` would get it."""
        line = Line(sku=self.sku, quantity=self.quantity, unit_price=self.unit_price)
        return NewOrder(currency=self.currency, lines=[line], payment_token=self.payment_token)


class Upload(Part):
    """A file as it was uploaded, which is what an import is asked for; its size is in bytes."""

    key: str
    etag: str
    size: Annotated[int, Field(ge=0)]


class Outcome(Enum):
    """What became of a row's order."""

    PLACED = auto()
    REPEATED = auto()
    TAKEN = auto()


@dataclass
class Report:
    """What became of a file.

    `placed` counts the rows whose order stands, and `repeated` those of them whose order stood
    before the import began, so that a repeated import counts as many placed. `errors` has the
    first 1,000 of the `refused` rows. `error` tells why the file as a whole was refused.
    """

    file: str
    rows: int = 0
    placed: int = 0
    repeated: int = 0
    refused: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None

    @classmethod
    def restored(cls, file: str, checkpoint: Checkpoint) -> Self:
        """Return a report as it stood at a checkpoint."""
        saved: dict[str, Any] = {**checkpoint.counts, **checkpoint.state}
        return cls(file, **saved)

    @property
    def counts(self) -> dict[str, int]:
        """The counts of rows."""
        return {name: getattr(self, name) for name in COUNTS}

    def checkpoint(self, position: int) -> Checkpoint:
        """Return how far the import has come: so many bytes of the file are done."""
        state = {"errors": self.errors}
        return Checkpoint(position=position, counts=self.counts, state=state)

    def add(self, row: int, outcome: Outcome | str) -> None:
        """Count a row, by its outcome or the reason for which it was refused."""
        self.rows += 1
        match outcome:
            case Outcome.PLACED | Outcome.REPEATED:
                self.placed += 1
                self.repeated += outcome is Outcome.REPEATED
                return
            case Outcome.TAKEN:
                outcome = "reference: it stands for another order already"
        self.refused += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append({"row": row, "reason": outcome[:REASON_CHARACTERS]})

    def document(self) -> dict[str, Any]:
        """Return the report as it is written."""
        return {name: value for name, value in vars(self).items() if value is not None}
