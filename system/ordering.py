"""Placing and reading orders: the customers, the table, and the outbox to the bus."""

from components.api.route import Route
from components.api.user_pool import UserPool, UserPoolArgs
from components.data.table import Table, TableArgs
from components.data.table_index import TableIndex
from components.events.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.events.event_bus import EventBus, EventBusArgs
from components.events.event_source import Batching, StreamReading
from components.events.schedule import Schedule, ScheduleArgs
from system.context import Context

REVIEWERS = "reviewers"
DAY = 24 * 3600
# A review may take its days, and a rule retries for one.
SPARE_DAYS = 2


class Ordering:
    """An order is written once, and its events follow from the table's stream."""

    def __init__(self, context: Context) -> None:
        settings, sizes, key = context.settings, context.settings.functions, context.key
        self.customers = UserPool(
            "customers",
            UserPoolArgs(sign_in=settings.sign_in, groups=(REVIEWERS,), protect=settings.protect),
            context.opts,
        )
        self.orders = Table(
            "orders",
            TableArgs(
                partition_key="order_id",
                indexes=[
                    TableIndex(
                        name="by_customer", partition_key="customer_id", sort_key="placed_at"
                    ),
                    # Sparse: an order leaves it when it has ended.
                    TableIndex(
                        name="by_open",
                        partition_key="open_shard",
                        sort_key="open_since",
                        projection="KEYS_ONLY",
                    ),
                ],
                capacity=settings.orders_table,
                stream="NEW_AND_OLD_IMAGES",
                protect=settings.protect,
                key=key,
            ),
            context.opts,
        )
        self.bus = EventBus(
            "orders", EventBusArgs(archive_days=settings.archive_days, key=key), context.opts
        )
        self.routes = self._routes(context)
        self.unreadable = DeadLetterQueue(
            "publish-orders-dead-letters", DeadLetterQueueArgs(key=key), context.opts
        )
        publish = context.function(
            "publish-orders",
            "orders.outbox.publish",
            sizes.publish_orders,
            self.bus.publisher(),
            self.unreadable.sender(),
        )
        self._sweep(context)
        changes = [{"eventName": ["INSERT", "MODIFY"]}]
        self.orders.subscribe(
            publish,
            StreamReading(batching=Batching(batch_size=100, window_seconds=1, filters=changes)),
            failures=self.unreadable,
        )

    def _sweep(self, context: Context) -> None:
        """Tell the bus again, every hour, of orders that are open for longer than any may be."""
        days = context.settings.review_days + SPARE_DAYS
        sweep = context.function(
            "sweep-orders",
            "orders.sweep.sweep",
            context.settings.functions.sweep_orders,
            self.orders.reader("GetItem", "Query"),
            self.orders.writer("UpdateItem"),
            self.bus.publisher(),
            environment={"SWEEP_AFTER_SECONDS": str(days * DAY)},
        )
        Schedule(
            "sweep-orders",
            ScheduleArgs(target=sweep, expression="rate(1 hour)", key=context.key),
            context.opts,
        )

    def _routes(self, context: Context) -> list[Route]:
        sizes, orders = context.settings.functions, self.orders
        release = context.settings.release
        place = context.function(
            *("place-order", "orders.handler.place", sizes.place_order),
            orders.writer("PutItem"),
            release=release,
        )
        get = context.function(
            *("get-order", "orders.handler.get", sizes.get_order),
            orders.reader("GetItem"),
            release=release,
        )
        list_ = context.function(
            *("list-orders", "orders.handler.list_orders", sizes.list_orders),
            orders.reader("Query"),
            release=release,
        )
        not_found = context.function(
            "route-not-found", "orders.routes.not_found", sizes.route_not_found
        )
        return [
            Route(key="POST /orders", function=place),
            Route(key="GET /orders", function=list_),
            Route(key="GET /orders/{order_id}", function=get),
            Route(key="$default", function=not_found, auth="none"),
        ]
