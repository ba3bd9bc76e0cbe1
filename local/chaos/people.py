"""Who uses the system: customers who repeat what was not answered, reviewers, and a noisy bus."""

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from local.aws import client
from local.customers import Customer, sign_in
from local.demo.orders import Kind
from local.errors import LocalError

# Orders that are under way at a time; a machine of two cores does no more.
WINDOW = 40
PATIENCE_SECONDS = 180
PAUSE_SECONDS, REVIEW_SECONDS = 0.2, 1.0
FAILED = (httpx.HTTPError, LocalError, ValueError)


def persistent(
    call: Callable[[], Any], stopped: threading.Event, seconds: float = PATIENCE_SECONDS
) -> Any:
    """Call until it succeeds.

    Raises:
        LocalError: when it still does not after so long, or is told to stop.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return call()
        except FAILED as error:
            if time.monotonic() > deadline or stopped.wait(PAUSE_SECONDS):
                raise LocalError(f"it failed for {seconds:g} s: {error}") from error


@dataclass
class Shop:
    """Orders through the front door, from several threads."""

    endpoint: str
    outputs: Mapping[str, Any]
    orders: list[Kind]
    # The accepted orders: an answer 201 was read.
    placed: dict[str, Kind] = field(default_factory=dict)
    open_orders: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)
    failures: list[str] = field(default_factory=list)
    _next: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self) -> None:
        """Place one order after the other, until there are none left."""
        customer = sign_in(self.endpoint, self.outputs)
        try:
            while (kind := self._take()) is not None:
                self._place(customer, kind)
        except LocalError as error:
            self.failures.append(str(error))
        finally:
            customer.http.close()

    @property
    def done(self) -> bool:
        """Whether every order was accepted."""
        return len(self.placed) == len(self.orders)

    def _take(self) -> Kind | None:
        while self.open_orders >= WINDOW and not self.stopped.wait(PAUSE_SECONDS):
            pass
        with self._lock:
            if self._next == len(self.orders) or self.stopped.is_set():
                return None
            self._next += 1
            # Until they are counted anew, those are open too.
            self.open_orders += 1
            return self.orders[self._next - 1]

    def _place(self, customer: Customer, kind: Kind) -> None:
        key = str(uuid.uuid4())
        order = persistent(lambda: customer.place(kind.body(), key), self.stopped)
        self.placed[str(order["order_id"])] = kind


def review(reviewer: Customer, decisions: Mapping[str, Kind], stopped: threading.Event) -> None:
    """Decide on what waits, as each order's kind says, until told to stop."""
    while not stopped.wait(REVIEW_SECONDS):
        try:
            waiting = reviewer.call("GET", "/reviews")["reviews"]
            for order_id in [each["order_id"] for each in waiting]:
                if order_id in decisions:
                    verb = decisions[order_id].decision or "approve"
                    reviewer.call("POST", f"/reviews/{order_id}/{verb}")
        except FAILED:
            # It is still listed, and comes again.
            continue


def repeat_events(
    endpoint: str, outputs: Mapping[str, Any], each: int, stopped: threading.Event
) -> int:
    """Put every so-manieth event of the bus on it again, later and out of order; return how many.

    The repeats reach the tap too, and count as events there.
    """
    sqs, events, url = (
        client(endpoint, "sqs"),
        client(endpoint, "events"),
        outputs["events_queue_url"],
    )
    seen = repeated = 0
    while not stopped.is_set():
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        entries = []
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            event, seen = json.loads(message["Body"]), seen + 1
            if seen % each == 0:
                entries.append(_entry(outputs["orders_bus_name"], event))
        if entries:
            # The last first.
            events.put_events(Entries=entries[::-1])
            repeated += len(entries)
    return repeated


def _entry(bus: str, event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "EventBusName": bus,
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Time": event["time"],
        "Detail": json.dumps(event["detail"]),
    }
