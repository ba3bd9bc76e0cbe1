"""The fulfilment of an order: one workflow decides how it ends, and undoes what it began."""

from components.compute.function import Function
from components.core.links import Link
from components.data.table import Table, TableArgs
from components.events.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.workflow.workflow import Workflow, WorkflowArgs
from system.context import Context
from system.fulfilment_states import Fulfilling, Tasks, states
from system.ordering import Ordering
from system.review import Review


class Fulfilment:
    """Rule → workflow → tasks for payment and stock, and the end state of the order."""

    def __init__(self, context: Context, ordering: Ordering, review: Review) -> None:
        settings = context.settings
        self.payments = _table(context, "payments", "order_id")
        self.inventory = _table(context, "inventory", "sku")
        self.reservations = _table(context, "reservations", "order_id")
        self.dead_letters = DeadLetterQueue(
            "fulfilment-dead-letters", DeadLetterQueueArgs(key=context.key), context.opts
        )
        given = Fulfilling(
            tasks=self._tasks(context, ordering.orders, review),
            orders=ordering.orders,
            dead_letters=self.dead_letters,
            review_limit=settings.review_limit,
            review_days=settings.review_days,
        )
        self.workflow = Workflow(
            "fulfilment",
            WorkflowArgs(states=states(given), logs=settings.logs, key=context.key),
            context.opts,
        )
        # The workflow names the review, so that its answer is granted afterwards.
        review.function.grant("answer-policy", *self.workflow.callback_sender().grants)
        ordering.bus.on(
            "placed", {"source": ["orders"], "detail-type": ["OrderPlaced"]}, self.workflow
        )

    def _tasks(self, context: Context, orders: Table, review: Review) -> Tasks:
        def task(name: str, handler: str, *links: Link) -> Function:
            size = context.settings.functions.fulfilment_task
            return context.function(name, f"fulfilment.{handler}", size, *links)

        token = orders.reader("GetItem")
        ask, write = self.payments.reader("GetItem"), self.payments.writer("UpdateItem")
        stock = (
            self.inventory.writer("UpdateItem"),
            self.reservations.writer("PutItem", "UpdateItem"),
        )
        return Tasks(
            check_payment=task("check-payment", "payment.check_payment", token, ask),
            review=review.function,
            reserve_stock=task("reserve-stock", "stock.reserve_stock", *stock),
            charge_payment=task("charge-payment", "payment.charge_payment", token, write),
            release_stock=task("release-stock", "stock.release_stock", *stock),
            refund_payment=task("refund-payment", "refund.refund_payment", write),
        )


def _table(context: Context, name: str, partition_key: str) -> Table:
    return Table(
        name,
        TableArgs(partition_key=partition_key, protect=context.settings.protect, key=context.key),
        context.opts,
    )
