"""The states of the fulfilment: what is tried, in which order, and what undoes it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from components.compute.function import Function
from components.data.table import Table
from components.events.dead_letter_queue import DeadLetterQueue
from components.workflow.errors import Catch, Retry
from components.workflow.expressions import Json
from components.workflow.flow import Choice, Fail, Succeed, When
from components.workflow.groups import Parallel
from components.workflow.invoke_function import InvokeFunction
from components.workflow.message_tasks import SendMessage
from components.workflow.state import State
from components.workflow.table_tasks import GetItem, UpdateItem

DAY = 24 * 3600
ALL = ("States.ALL",)
NOT_OPEN = ("DynamoDB.ConditionalCheckFailedException",)
# What no repeat changes: the order is rejected for it.
PAYMENT_REFUSALS = ("PaymentDeclinedError", "PaymentUndoneError")
STOCK_REFUSALS = ("OutOfStockError", "ReservationReleasedError", "TooManyLinesError")
# Some minutes, then the order is given up.
AGAIN = Retry(errors=ALL, max_attempts=10, max_delay_seconds=60)
# What decides and what undoes is tried for most of a day.
ALWAYS = Retry(errors=ALL, max_attempts=300, max_delay_seconds=300)
ORDER: Json = "{% $states.input.detail %}"
KEY: Json = {"order_id": {"S": "{% $order.order_id %}"}}
UNKNOWN = "{% 'version ' & $string($states.input.detail.version) & ' of OrderPlaced is unknown' %}"
REFUSED: Mapping[str, Json] = {"reason": "{% $parse($states.errorOutput.Cause).errorMessage %}"}


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """The functions that the fulfilment calls."""

    check_payment: Function
    review: Function
    reserve_stock: Function
    charge_payment: Function
    release_stock: Function
    refund_payment: Function


@dataclass(frozen=True, kw_only=True)
class Fulfilling:
    """What the states are about; an order of `review_limit` or more waits for a person."""

    tasks: Tasks
    orders: Table
    dead_letters: DeadLetterQueue
    review_limit: int
    review_days: int


def states(given: Fulfilling) -> Sequence[State]:
    """Return the states of the fulfilment."""
    return [*_deciding(given), *_ending(given)]


def _deciding(given: Fulfilling) -> Iterator[State]:
    tasks = given.tasks
    known = "{% $states.input.detail.version = 1 %}"
    yield Choice(
        "Known version?",
        choices=[
            When(
                condition="{% $not($type($states.input.detail.order_id) = 'string') %}",
                next="Put away",
                assign={"problem": "the event names no order"},
            ),
            When(condition=known, next="Check payment", assign={"order": ORDER}),
        ],
        default="Put away",
        assign={"problem": UNKNOWN},
    )
    yield _attempt("Check payment", tasks.check_payment, PAYMENT_REFUSALS)
    high = f"{{% $order.total >= {given.review_limit} %}}"
    yield Choice(
        "High value?",
        choices=[When(condition=high, next="Review")],
        default="Reserve stock",
    )
    yield _review(given)
    approved = "{% $states.input.decision = 'approve' %}"
    yield Choice(
        "Approved?",
        choices=[When(condition=approved, next="Reserve stock")],
        default="Reject",
        assign={"reason": "a reviewer rejected the order"},
    )
    yield _attempt("Reserve stock", tasks.reserve_stock, STOCK_REFUSALS)
    yield _attempt("Charge payment", tasks.charge_payment, PAYMENT_REFUSALS, next="Confirm")


def _ending(given: Fulfilling) -> Iterator[State]:
    yield _end("Confirm", given.orders, "CONFIRMED", next="Confirmed")
    yield _end("Reject", given.orders, "REJECTED", next="Undo")
    yield _end("Cancel", given.orders, "CANCELLED", next="Undo")
    yield GetItem(
        "Read order",
        table=given.orders,
        key=KEY,
        request={"ConsistentRead": True},
        output="{% $exists($states.result.Item) ? $states.result.Item.status.S : 'MISSING' %}",
        retry=[ALWAYS],
    )
    yield Choice(
        "Confirmed already?",
        choices=[
            When(condition="{% $states.input = 'CONFIRMED' %}", next="Confirmed"),
            # Nothing was done for it either: its payment could not even be checked.
            When(
                condition="{% $states.input = 'MISSING' %}",
                next="Put away",
                assign={"problem": "there is no such order"},
            ),
        ],
        default="Undo",
    )
    yield Parallel(
        "Undo",
        branches=[
            [_compensation("Release stock", given.tasks.release_stock)],
            [_compensation("Refund payment", given.tasks.refund_payment)],
        ],
        catch=[Catch(errors=ALL, next="Put away", assign={"problem": "it could not be undone"})],
    )
    yield Succeed("Undone")
    yield Succeed("Confirmed")
    yield SendMessage(
        "Put away",
        queue=given.dead_letters,
        message="{% $states.context.Execution.Input %}",
        attributes={"Reason": "{% $problem %}"},
        retry=[ALWAYS],
    )
    yield Fail("Not fulfilled", error="NotFulfilledError", cause="{% $problem %}")


def _attempt(
    name: str,
    function: Function,
    refusals: Sequence[str],
    *,
    next: str | None = None,  # noqa: A002
) -> InvokeFunction:
    """Return a step whose refusal rejects the order, and whose failure cancels it."""
    failed: Mapping[str, Json] = {"reason": f"{name.lower()}: it failed again and again"}
    return InvokeFunction(
        name,
        function=function,
        payload="{% $order %}",
        next=next,
        retry=[Retry(errors=refusals, max_attempts=0), AGAIN],
        catch=[
            Catch(errors=refusals, next="Reject", assign=REFUSED),
            Catch(errors=ALL, next="Cancel", assign=failed),
        ],
    )


def _review(given: Fulfilling) -> InvokeFunction:
    late: Mapping[str, Json] = {"reason": f"nobody reviewed it in {given.review_days} days"}
    return InvokeFunction(
        "Review",
        function=given.tasks.review,
        invocation="Event",
        payload="{% $merge([$order, {'token': $states.context.Task.Token}]) %}",
        wait_for_task_token=True,
        # The function itself answers before, also when nobody decides.
        timeout_seconds=(given.review_days + 1) * DAY,
        output="{% $states.result %}",
        catch=[Catch(errors=ALL, next="Cancel", assign=late)],
    )


def _end(name: str, orders: Table, status: str, *, next: str) -> UpdateItem:  # noqa: A002
    """Return the one write that ends an order, unless it has ended otherwise."""
    confirmed = status == "CONFIRMED"
    reason = "" if confirmed else ", reason = if_not_exists(reason, :reason)"
    said: Mapping[str, Json] = {} if confirmed else {":reason": {"S": "{% $reason %}"}}
    return UpdateItem(
        name,
        table=orders,
        key=KEY,
        request={
            "UpdateExpression": "SET #status = :status, "
            f"ended_at = if_not_exists(ended_at, :now){reason} REMOVE open_shard, open_since",
            "ConditionExpression": "#status IN (:placed, :status)",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {
                ":placed": {"S": "PLACED"},
                ":status": {"S": status},
                ":now": {"S": "{% $now() %}"},
                **said,
            },
        },
        next=next,
        retry=[Retry(errors=NOT_OPEN, max_attempts=0), ALWAYS],
        catch=[Catch(errors=NOT_OPEN, next="Read order")],
    )


def _compensation(name: str, function: Function) -> InvokeFunction:
    return InvokeFunction(name, function=function, payload="{% $order %}", retry=[ALWAYS])
