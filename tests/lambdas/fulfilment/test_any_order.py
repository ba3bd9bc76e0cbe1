"""Whatever comes when and how often, from however many executions: what must always hold."""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mypy_boto3_dynamodb import DynamoDBClient

from fulfilment.errors import OutOfStockError, PaymentUndoneError, ReservationReleasedError
from shared.problems import BusyError
from tests.lambdas.fulfilment.conftest import Run
from tests.lambdas.fulfilment.names import COST, INVENTORY, PAYMENTS, RESERVATIONS, lines
from tests.lambdas.tables import items

# The fixtures hold no state but the tables, in which each example has orders and stock of its own.
examples = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TASKS = ("check_payment", "charge_payment", "refund_payment", "reserve_stock", "release_stock")
UNDOING = ("refund_payment", "release_stock")
WANTED: tuple[dict[str, int], ...] = ({"tea": 2, "cup": 1}, {"tea": 1}, {"cup": 2, "pot": 1})

steps = st.lists(st.tuples(st.sampled_from(TASKS), st.integers(0, len(WANTED) - 1)), max_size=24)
stocks = st.fixed_dictionaries({sku: st.integers(0, 4) for sku in ("tea", "cup", "pot")})


class Model:
    """What the tasks should do, without tables."""

    def __init__(self, stock: Mapping[str, int]) -> None:
        self.available = Counter(stock)
        self.reservations: dict[int, str] = {}
        self.payments: dict[int, str] = {}

    def expect(self, task: str, order: int) -> type[Exception] | str:
        """Return what a task answers, or the error that it raises."""
        paid, held = self.payments.get(order), self.reservations.get(order)
        match task:
            case "check_payment":
                return "AUTHORISED" if paid in {None, "CHARGED"} else PaymentUndoneError
            case "charge_payment":
                return (
                    self.payments.setdefault(order, "CHARGED")
                    if paid
                    in {
                        None,
                        "CHARGED",
                    }
                    else PaymentUndoneError
                )
            case "refund_payment":
                left = "REFUNDED" if paid in {"CHARGED", "REFUNDED"} else "VOIDED"
                self.payments[order] = left
                return left
            case "release_stock":
                if held == "RESERVED":
                    self.available.update(WANTED[order])
                self.reservations[order] = "RELEASED"
                return "RELEASED"
        return self._reserve(order, held)

    def _reserve(self, order: int, held: str | None) -> type[Exception] | str:
        if held:
            return held if held == "RESERVED" else ReservationReleasedError
        if any(self.available[sku] < quantity for sku, quantity in WANTED[order].items()):
            return OutOfStockError
        self.available.subtract(WANTED[order])
        self.reservations[order] = "RESERVED"
        return "RESERVED"


class Shop:
    """Orders and stock of a test's own in the tables."""

    def __init__(self, store: DynamoDBClient, stock: Mapping[str, int]) -> None:
        self.store, self.mark, self.stock = store, uuid.uuid4().hex, dict(stock)

    def id_(self, order: int) -> str:
        return f"{self.mark}-{order}"

    def filled(self) -> dict[str, int]:
        return {f"{self.mark}-{sku}": count for sku, count in self.stock.items()}

    def detail(self, order: int) -> dict[str, Any]:
        wanted = WANTED[order % len(WANTED)]
        return {**COST, **lines({f"{self.mark}-{sku}": count for sku, count in wanted.items()})}

    def mine(self, table: str, key: str = "order_id") -> list[dict[str, Any]]:
        return [item for item in items(self.store, table) if item[key].startswith(self.mark)]

    def available(self) -> Counter[str]:
        return Counter(
            {item["sku"].split("-")[1]: item["available"] for item in self.mine(INVENTORY, "sku")}
        )

    def reserved(self) -> Counter[str]:
        held: Counter[str] = Counter()
        for item in self.mine(RESERVATIONS):
            for line in item["lines"] if item["status"] == "RESERVED" else []:
                held[line["sku"].split("-")[1]] += line["quantity"]
        return held

    def check(self) -> None:
        """Check what must hold whenever no task runs."""
        assert self.available() + self.reserved() == +Counter(self.stock)
        assert min(self.available().values()) >= 0
        for payment in self.mine(PAYMENTS):
            assert payment.get("charges", 0) == (payment["status"] != "VOIDED"), payment
            assert payment.get("refunds", 0) == (payment["status"] == "REFUNDED"), payment


@examples
@given(steps, stocks)
def test_tasks_in_any_order_and_number_do_what_the_model_does(
    run: Run,
    store: DynamoDBClient,
    pay: Callable[..., None],
    shelve: Callable[[Mapping[str, int]], None],
    steps: list[tuple[str, int]],
    stocks: dict[str, int],
) -> None:
    shop, model = Shop(store, stocks), Model(stocks)
    shelve(shop.filled())
    pay("tok_visa", *(shop.id_(order) for order in range(len(WANTED))))
    for task, order in steps:
        expected = model.expect(task, order)
        if isinstance(expected, str):
            assert expected in run(task, shop.id_(order), **shop.detail(order)).values()
        else:
            with pytest.raises(expected):
                run(task, shop.id_(order), **shop.detail(order))
    shop.check()
    assert shop.available() == model.available
    for table, known in ((RESERVATIONS, model.reservations), (PAYMENTS, model.payments)):
        found = {item["order_id"]: item["status"] for item in shop.mine(table)}
        assert found == {shop.id_(order): status for order, status in known.items()}


@pytest.mark.parametrize("seed", range(3))
def test_executions_at_the_same_time_charge_and_reserve_once_and_leave_nothing_behind(
    run: Run,
    store: DynamoDBClient,
    pay: Callable[..., None],
    shelve: Callable[[Mapping[str, int]], None],
    seed: int,
) -> None:
    shop = Shop(store, {"tea": 5, "cup": 4, "pot": 2})
    shelve(shop.filled())
    pay("tok_visa", *(shop.id_(order) for order in range(6)))
    chosen = random.Random(seed)  # noqa: S311
    work = [(task, order) for task in TASKS for order in range(6) for _ in range(3)]
    chosen.shuffle(work)

    def execute(step: tuple[str, int]) -> str:
        task, order = step
        try:
            run(task, shop.id_(order), **shop.detail(order))
        except (OutOfStockError, PaymentUndoneError, ReservationReleasedError, BusyError) as error:
            return type(error).__name__
        return task

    with ThreadPoolExecutor(max_workers=8) as threads:
        ended = Counter(threads.map(execute, work))
        shop.check()
        assert ended["refund_payment"] == ended["release_stock"] == 18
        threads.map(execute, [(task, order) for task in UNDOING for order in range(6)])
    shop.check()
    assert shop.available() == shop.stock
    assert {item["status"] for item in shop.mine(RESERVATIONS)} == {"RELEASED"}
    assert {item["status"] for item in shop.mine(PAYMENTS)} <= {"REFUNDED", "VOIDED"}


def test_of_many_orders_at_once_as_many_are_served_as_the_stock_has(
    run: Run, store: DynamoDBClient, shelve: Callable[[Mapping[str, int]], None]
) -> None:
    shelve({"tea": 7})

    def reserve(order: int) -> bool:
        try:
            run("reserve_stock", str(order), **lines({"tea": 1}))
        except OutOfStockError:
            return False
        return True

    with ThreadPoolExecutor(max_workers=8) as threads:
        # Two executions for each order.
        served = [*threads.map(reserve, [*range(20), *range(20)])]
    won = {order for order in range(20) if served[order] or served[order + 20]}
    assert len(won) == 7
    [tea] = items(store, INVENTORY)
    assert tea["available"] == 0
    assert len(items(store, RESERVATIONS)) == 7
