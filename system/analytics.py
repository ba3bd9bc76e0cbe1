"""Statistics of all order events, minute by minute."""

from components.data.stream import Stream, StreamArgs
from components.data.table import Table, TableArgs
from components.events.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.events.event_bus import EventBus
from components.events.event_source import Batching, StreamReading
from system.context import Context

WINDOW_SECONDS = 60


class Analytics:
    """Rule → Kinesis stream → a function with tumbling windows → the table of statistics."""

    def __init__(self, context: Context, bus: EventBus) -> None:
        key = context.key
        self.stream = Stream("order-events", StreamArgs(key=key), context.opts)
        bus.on(
            "analytics", {"source": ["orders"]}, self.stream.partitioned_by("$.detail.order_id")
        )
        self.statistics = Table(
            "statistics",
            TableArgs(partition_key="id", ttl="expires_at", key=key),
            context.opts,
        )
        self.dead_letters = DeadLetterQueue(
            "analytics-dead-letters", DeadLetterQueueArgs(key=key), context.opts
        )
        aggregate = context.function(
            "aggregate-orders",
            "analytics.handler.aggregate",
            context.settings.functions.aggregate_orders,
            self.statistics.writer("PutItem", "UpdateItem"),
            self.dead_letters.sender(),
        )
        self.stream.subscribe(
            aggregate,
            StreamReading(
                batching=Batching(batch_size=100, window_seconds=1),
                tumbling_window_seconds=WINDOW_SECONDS,
            ),
            failures=self.dead_letters,
        )
