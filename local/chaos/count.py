"""What became of orders: pure counting over what tables and queues hold."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from local.demo.orders import Kind

CANCELLED = "CANCELLED"
# Whom the end of an order is told to.
TOLD = {
    "CONFIRMED": {"confirmation", "shipping"},
    "REJECTED": {"rejection"},
    CANCELLED: {"cancellation"},
}


@dataclass(frozen=True, kw_only=True)
class Payment:
    """What the gateway keeps of a payment; it counts in the write that has the effect."""

    status: str
    charges: int = 0
    refunds: int = 0


@dataclass(frozen=True, kw_only=True)
class Reservation:
    """What is reserved, by sku."""

    status: str
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A dead letter; one that the queue itself gave up has no reason."""

    queue: str
    body: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Poison:
    """What no consumer can handle, and the queues of dead letters that must get it."""

    title: str
    marker: str
    queues: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a stage holds, by order id where it is about orders."""

    orders: Mapping[str, str]
    payments: Mapping[str, Payment]
    reservations: Mapping[str, Reservation]
    available: Mapping[str, int]
    delivered: Mapping[str, set[str]]
    # The events that statistics have markers of, and the sums that they have.
    counted: Mapping[str, set[str]]
    sums: Mapping[str, int]
    letters: Sequence[Letter] = ()


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The orders by what became of them, each in one of four; and what must not be."""

    once: list[str]
    twice: list[str]
    dead: list[str]
    lost: list[str]
    cancelled: int
    failures: list[str]


def judge(
    placed: Mapping[str, Kind],
    found: Found,
    stock: Mapping[str, int],
    poison: Iterable[Poison] = (),
) -> Verdict:
    """Count orders that were accepted, and tell what broke a promise."""
    groups: dict[str, list[str]] = {"once": [], "twice": [], "dead": [], "lost": []}
    for order_id in placed:
        groups[_group(order_id, found)].append(order_id)
    poison = [*poison]
    failures = [
        *(f"lost: {order_id}: {reason(order_id, found)}" for order_id in groups["lost"]),
        *(f"twice: {order_id}: {found.payments[order_id]}" for order_id in groups["twice"]),
        *_wrong_ends(placed, found),
        *_wrong_effects(found),
        *_wrong_stock(found, stock),
        *_wrong_sums(found),
        *_missing_poison(found, poison),
    ]
    cancelled = sum(found.orders.get(order_id) == CANCELLED for order_id in placed)
    return Verdict(**groups, cancelled=cancelled, failures=failures)


def told(order_id: str, found: Found) -> bool:
    """Whether an order has ended, and everybody was told whom its end concerns."""
    return not reason(order_id, found)


def reason(order_id: str, found: Found) -> str:
    """Return why an order is not at its end, or nothing."""
    status = found.orders.get(order_id)
    if status not in TOLD:
        return f"it is {status or 'not in the table'}"
    if missing := TOLD[status] - found.delivered.get(order_id, set()):
        return f"it is {status}, and not told: {', '.join(sorted(missing))}"
    events = {"OrderPlaced", f"Order{status.capitalize()}"}
    if missing := events - found.counted.get(order_id, set()):
        return f"it is {status}, and not counted: {', '.join(sorted(missing))}"
    return ""


def _group(order_id: str, found: Found) -> str:
    payment = found.payments.get(order_id)
    if payment and max(payment.charges, payment.refunds) > 1:
        return "twice"
    if told(order_id, found):
        return "once"
    return "dead" if any(order_id in letter.body for letter in found.letters) else "lost"


def _wrong_ends(placed: Mapping[str, Kind], found: Found) -> Iterator[str]:
    for order_id, kind in placed.items():
        status = found.orders.get(order_id)
        # What takes too long under faults may be given up, and then has no effect.
        if kind.ends and status in TOLD and status not in (kind.ends, CANCELLED):
            yield f"ended otherwise than it must: {order_id}, {kind.title}: {status}"


def _wrong_effects(found: Found) -> Iterator[str]:
    """Tell of orders whose money and stock do not agree with their end."""
    for order_id, status in found.orders.items():
        payment, reservation = found.payments.get(order_id), found.reservations.get(order_id)
        confirmed = status == "CONFIRMED"
        if (payment is not None and payment.status == "CHARGED") != confirmed:
            yield f"{status} with payment {payment}: {order_id}"
        if (reservation is not None and reservation.status == "RESERVED") != confirmed:
            yield f"{status} with reservation {reservation}: {order_id}"
    charged = {id_ for id_, each in found.payments.items() if each.status == "CHARGED"}
    held = {id_ for id_, each in found.reservations.items() if each.status == "RESERVED"}
    for order_id in (charged | held) - found.orders.keys():
        yield f"money or stock for an order that is not there: {order_id}"


def astray(found: Found, stock: Mapping[str, int]) -> dict[str, int]:
    """Return by how many units each sku is off: negative where one was reserved twice."""
    held: Counter[str] = Counter()
    for reservation in found.reservations.values():
        if reservation.status == "RESERVED":
            held.update(reservation.lines)
    off = {sku: found.available.get(sku, 0) + held[sku] - count for sku, count in stock.items()}
    return {sku: units for sku, units in off.items() if units}


def _wrong_stock(found: Found, stock: Mapping[str, int]) -> Iterator[str]:
    for sku, units in astray(found, stock).items():
        yield f"{stock[sku]} {sku} became {stock[sku] + units}"
    for sku in stock:
        if found.available.get(sku, 0) < 0:
            yield f"more {sku} is reserved than there was"


def _wrong_sums(found: Found) -> Iterator[str]:
    """Tell of statistics that are not the number of events: one was counted twice, or never."""
    events = Counter(kind for kinds in found.counted.values() for kind in kinds)
    for kind in events.keys() | found.sums.keys():
        if events[kind] != found.sums.get(kind, 0):
            yield f"statistics have {found.sums.get(kind, 0)} {kind} for {events[kind]} events"


def _missing_poison(found: Found, poison: Iterable[Poison]) -> Iterator[str]:
    for each in poison:
        for queue in each.queues:
            letters = [
                letter
                for letter in found.letters
                if letter.queue == queue and each.marker in letter.body
            ]
            if not any(letter.reason for letter in letters):
                said = "without a reason" if letters else "missing"
                yield f"poison ({each.title}) is {said} in the dead letters of {queue}"
