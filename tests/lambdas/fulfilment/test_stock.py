from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_dynamodb import DynamoDBClient
from pydantic import ValidationError

from fulfilment.errors import OutOfStockError, ReservationReleasedError, TooManyLinesError
from shared.problems import BusyError
from tests.lambdas.fulfilment.conftest import Run
from tests.lambdas.fulfilment.names import INVENTORY, RESERVATIONS, lines
from tests.lambdas.tables import items, lost_answer

Shelve = Callable[[Mapping[str, int]], None]
LINES = lines({"tea": 2, "cup": 1})
RESERVED = {"order_id": "1", "reservation": "RESERVED"}
RELEASED = {"order_id": "1", "reservation": "RELEASED"}


def available(store: DynamoDBClient) -> dict[str, int]:
    return {item["sku"]: item["available"] for item in items(store, INVENTORY)}


@pytest.fixture
def pauses(inventory: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    made: list[float] = []
    monkeypatch.setattr(inventory.time, "sleep", made.append)
    return made


@pytest.fixture
def refuse(inventory: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the next transactions fail, each for the given reasons of its actions."""
    whole = inventory.dynamodb.transact_write_items

    def go(*times: list[str]) -> None:
        coming: Iterator[list[str]] = iter(times)

        def transact(**request: Any) -> Any:
            codes = next(coming, None)
            if codes is None:
                return whole(**request)
            error = {"Code": "TransactionCanceledException", "Message": "cancelled"}
            reasons = [{"Code": code} for code in codes]
            response: Any = {"Error": error, "CancellationReasons": reasons}
            exceptions = inventory.dynamodb.exceptions
            raise exceptions.TransactionCanceledException(response, "TransactWriteItems")

        monkeypatch.setattr(inventory.dynamodb, "transact_write_items", transact)

    return go


def test_an_order_takes_its_lines_from_the_stock_and_gives_them_back(
    run: Run, store: DynamoDBClient, shelve: Shelve
) -> None:
    shelve({"tea": 5, "cup": 1, "pot": 7})
    assert run("reserve_stock", "1", **LINES) == RESERVED
    assert available(store) == {"tea": 3, "cup": 0, "pot": 7}
    held = [{"sku": "tea", "quantity": 2}, {"sku": "cup", "quantity": 1}]
    [reservation] = items(store, RESERVATIONS)
    assert reservation == {"order_id": "1", "status": "RESERVED", "lines": held}
    assert run("release_stock", "1") == RELEASED
    assert available(store) == {"tea": 5, "cup": 1, "pot": 7}
    assert items(store, RESERVATIONS) == [{**reservation, "status": "RELEASED"}]


def test_repeated_reservations_and_releases_change_the_stock_once(
    run: Run, store: DynamoDBClient, shelve: Shelve
) -> None:
    shelve({"tea": 5, "cup": 1})
    for _ in range(3):
        assert run("reserve_stock", "1", **LINES) == RESERVED
    assert available(store) == {"tea": 3, "cup": 0}
    for _ in range(3):
        assert run("release_stock", "1") == RELEASED
    assert available(store) == {"tea": 5, "cup": 1}


def test_a_reservation_whose_answer_is_lost_is_found_by_its_repetition(
    run: Run, store: DynamoDBClient, shelve: Shelve, inventory: ModuleType
) -> None:
    shelve({"tea": 5, "cup": 1})
    for task in ("reserve_stock", "release_stock"):
        with lost_answer(inventory.dynamodb, "transact_write_items"), pytest.raises(BusyError):
            run(task, "1", **LINES)
        run(task, "1", **LINES)
    assert available(store) == {"tea": 5, "cup": 1}


@pytest.mark.parametrize(
    ("stock", "missing"),
    [
        ({"tea": 1, "cup": 9}, "tea"),
        ({"tea": 2}, "cup"),
        ({"tea": 0, "cup": 0}, "tea, cup"),
        ({}, "tea, cup"),
    ],
)
def test_an_order_that_cannot_be_served_whole_takes_nothing_and_names_what_lacks(
    run: Run, store: DynamoDBClient, shelve: Shelve, stock: dict[str, int], missing: str
) -> None:
    shelve(stock)
    with pytest.raises(OutOfStockError, match=f"^out of stock: {missing}$"):
        run("reserve_stock", "1", **LINES)
    assert available(store) == stock
    assert items(store, RESERVATIONS) == []


def test_the_last_of_a_thing_can_be_reserved(
    run: Run, store: DynamoDBClient, shelve: Shelve
) -> None:
    shelve({"tea": 2, "cup": 1})
    run("reserve_stock", "1", **LINES)
    assert available(store) == {"tea": 0, "cup": 0}
    # What it took itself is not out of stock for the order.
    assert run("reserve_stock", "1", **LINES) == RESERVED


@pytest.mark.parametrize("reserved", [True, False])
def test_nothing_is_reserved_after_a_release(
    run: Run, store: DynamoDBClient, shelve: Shelve, reserved: bool
) -> None:
    shelve({"tea": 5, "cup": 1})
    if reserved:
        run("reserve_stock", "1", **LINES)
    assert run("release_stock", "1") == RELEASED
    with pytest.raises(ReservationReleasedError, match=r"^the reservation was released before$"):
        run("reserve_stock", "1", **LINES)
    assert available(store) == {"tea": 5, "cup": 1}


def test_two_lines_of_one_thing_are_reserved_together(
    run: Run, store: DynamoDBClient, shelve: Shelve
) -> None:
    shelve({"tea": 3})
    twice = lines({"tea": 2})["lines"] + lines({"tea": 1})["lines"]
    run("reserve_stock", "1", lines=twice)
    assert available(store) == {"tea": 0}


def test_as_many_lines_as_one_transaction_has_are_reserved_and_no_more(
    run: Run, store: DynamoDBClient, shelve: Shelve
) -> None:
    stock = {f"tea-{number}": 1 for number in range(100)}
    shelve(stock)
    with pytest.raises(TooManyLinesError, match="more than 99 different items"):
        run("reserve_stock", "1", **lines(stock))
    del stock["tea-99"]
    run("reserve_stock", "1", **lines(stock))
    assert sum(available(store).values()) == 1
    run("release_stock", "1")
    assert sum(available(store).values()) == 100


def test_stock_is_given_back_where_the_thing_is_no_longer_known(
    run: Run, store: DynamoDBClient, shelve: Shelve
) -> None:
    shelve({"tea": 5, "cup": 1})
    run("reserve_stock", "1", **LINES)
    store.delete_item(TableName=INVENTORY, Key={"sku": {"S": "cup"}})
    run("release_stock", "1")
    assert available(store) == {"tea": 5, "cup": 1}


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError"])
@pytest.mark.parametrize("task", ["reserve_stock", "release_stock"])
def test_what_passes_is_tried_again_with_growing_pauses(
    run: Run,
    store: DynamoDBClient,
    shelve: Shelve,
    refuse: Callable[..., None],
    pauses: list[float],
    task: str,
    code: str,
) -> None:
    shelve({"tea": 5, "cup": 1})
    if task == "release_stock":
        run("reserve_stock", "1", **LINES)
    refuse(*[["None", code, "None"]] * 4)
    run(task, "1", **LINES)
    assert len(pauses) == 4
    assert all(0 <= pause <= 0.05 * 2**number for number, pause in enumerate(pauses))
    reserved = task == "reserve_stock"
    assert available(store) == ({"tea": 3, "cup": 0} if reserved else {"tea": 5, "cup": 1})


def test_a_conflict_that_does_not_pass_is_left_to_the_workflow(
    run: Run,
    store: DynamoDBClient,
    shelve: Shelve,
    refuse: Callable[..., None],
    pauses: list[float],
) -> None:
    shelve({"tea": 5, "cup": 1})
    refuse(*[["TransactionConflict", "None", "None"]] * 5)
    with pytest.raises(BusyError, match="too much is going on at this stock"):
        run("reserve_stock", "1", **LINES)
    assert run("reserve_stock", "1", **LINES) == RESERVED


def test_an_order_is_not_refused_for_its_stock_while_a_conflict_may_hide_its_reservation(
    run: Run,
    store: DynamoDBClient,
    shelve: Shelve,
    refuse: Callable[..., None],
    pauses: list[float],
) -> None:
    shelve({"tea": 2, "cup": 1})
    run("reserve_stock", "1", **LINES)
    refuse(["TransactionConflict", "ConditionalCheckFailed", "None"])
    assert run("reserve_stock", "1", **LINES) == RESERVED


def test_a_transaction_that_will_never_pass_is_an_error_of_ours(
    run: Run, store: DynamoDBClient, refuse: Callable[..., None], pauses: list[float]
) -> None:
    refuse(["None", "ValidationError", "TransactionConflict"])
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        run("reserve_stock", "1", **LINES)
    assert pauses == []


def test_a_release_that_another_one_overtakes_gives_nothing_back(
    run: Run, store: DynamoDBClient, shelve: Shelve, inventory: ModuleType
) -> None:
    shelve({"tea": 5, "cup": 1})
    run("reserve_stock", "1", **LINES)
    with pytest.MonkeyPatch.context() as patch:
        whole = inventory.dynamodb.transact_write_items

        def overtaken(**request: Any) -> Any:
            patch.undo()
            run("release_stock", "1")
            return whole(**request)

        patch.setattr(inventory.dynamodb, "transact_write_items", overtaken)
        assert run("release_stock", "1") == RELEASED
    assert available(store) == {"tea": 5, "cup": 1}


@pytest.mark.parametrize(
    "wrong", [[], [{"sku": "tea"}], [{"sku": "tea", "quantity": 0}], [{"sku": "", "quantity": 1}]]
)
def test_lines_that_no_order_has_are_an_error_of_ours(
    run: Run, wrong: list[dict[str, Any]]
) -> None:
    with pytest.raises(ValidationError):
        run("reserve_stock", "1", lines=wrong)
