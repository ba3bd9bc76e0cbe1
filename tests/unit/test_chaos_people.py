"""Customers who repeat what was not answered."""

import threading

import httpx
import pytest

from local.chaos import people
from local.chaos.people import Shop, persistent
from local.demo.orders import KINDS
from local.errors import LocalError


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "PAUSE_SECONDS", 0.0)


class Door:
    """Answers after some failures, and takes each order once for each key."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.keys: list[str] = []

    def place(self, _body: object, key: str) -> dict[str, str]:
        self.keys.append(key)
        if len(self.keys) <= self.failures:
            raise httpx.ReadError("no answer")
        return {"order_id": f"of-{key}"}


def test_what_fails_is_tried_again_with_the_same_key() -> None:
    door = Door(failures=3)
    shop = Shop("http://nowhere", {}, [KINDS[0]])
    shop._place(door, KINDS[0])  # type: ignore[arg-type]
    assert len(door.keys) == 4
    assert len(set(door.keys)) == 1
    assert shop.placed == {f"of-{door.keys[0]}": KINDS[0]}
    assert shop.done


def test_what_fails_for_too_long_is_told() -> None:
    def fail() -> None:
        raise LocalError("refused")

    with pytest.raises(LocalError, match="refused"):
        persistent(fail, threading.Event(), seconds=0)


def test_who_is_told_to_stop_tries_no_more_and_takes_no_more_orders() -> None:
    shop = Shop("http://nowhere", {}, [*KINDS], open_orders=people.WINDOW)
    shop.stopped.set()
    door = Door(failures=2)
    with pytest.raises(LocalError):
        shop._place(door, KINDS[0])  # type: ignore[arg-type]
    assert len(door.keys) == 1
    assert shop._take() is None


def test_orders_are_taken_once_each_until_there_are_none() -> None:
    shop = Shop("http://nowhere", {}, [*KINDS])
    taken = [shop._take() for _ in KINDS]
    assert taken == [*KINDS]
    assert shop._take() is None
    assert shop.open_orders == len(KINDS)
