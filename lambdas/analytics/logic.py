"""What an event adds to the statistics, and what waits for the end of a window."""

import base64
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any, NamedTuple, Self

from shared.events import Event, OrderEnded, OrderPlaced, UnreadableEventError, read_text


class Counted(NamedTuple):
    """What is counted of an event; its minute is that of its own time, in UTC."""

    order_id: str
    kind: str
    minute: str
    currency: str
    total: int

    @classmethod
    def of(cls, event: Event) -> Self:
        """Return what is counted of an event.

        Raises:
            UnreadableEventError: for an event of no order.
        """
        if not isinstance(event, OrderPlaced | OrderEnded):
            raise UnreadableEventError(f"{event.detail_type} is not counted")
        minute = f"{event.at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
        return cls(event.order_id, event.detail_type, minute, event.currency, event.total)

    @property
    def marker(self) -> str:
        """The id of the item that tells that the event was counted."""
        return f"event#{self.order_id}#{self.kind}"


Pending = dict[str, Counted]


def pending(events: Iterable[Counted]) -> Pending:
    """Return events by their markers; of an event that came twice, the first stands."""
    found: Pending = {}
    for event in events:
        found.setdefault(event.marker, event)
    return found


def read_state(state: Mapping[str, str]) -> list[Counted]:
    """Return the events that earlier invocations of a window left."""
    return [Counted(*json.loads(text)) for text in state.values()]


def state(events: Pending) -> dict[str, str]:
    """Return events as the state of a window, a map of texts, of some 150 bytes each."""
    return {marker: json.dumps(event) for marker, event in events.items()}


def counters(events: Iterable[Counted]) -> dict[str, Counter[str]]:
    """Return what events add, for each minute: their number by type, amounts by currency."""
    found: dict[str, Counter[str]] = {}
    for event in events:
        minute = found.setdefault(event.minute, Counter())
        minute[event.kind] += 1
        minute[f"{event.kind.removeprefix('Order')}_{event.currency}"] += event.total
    return found


def text(record: Mapping[str, Any]) -> str:
    """Return a record's data; what is no text stays as it came, in base64."""
    data: str = record["kinesis"]["data"]
    try:
        return base64.b64decode(data).decode()
    except ValueError:
        return data


def read(records: Iterable[Mapping[str, Any]]) -> tuple[list[Counted], list[tuple[str, str]]]:
    """Return what is counted of records, and the texts that hold no event, with the reason."""
    readable, unreadable = [], []
    for record in records:
        body = text(record)
        try:
            readable.append(Counted.of(read_text(body)))
        except UnreadableEventError as error:
            unreadable.append((body, str(error)))
    return readable, unreadable
