"""What others are told when an order has ended: a topic, and a queue for each consumer."""

from components.data.table import Table, TableArgs
from components.events.event_bus import EventBus
from components.events.queue import Queue, QueueArgs
from components.events.topic import Topic, TopicArgs
from system.context import Context

ENDED = ["OrderConfirmed", "OrderRejected", "OrderCancelled"]


class Notices:
    """Rule → topic → queues → consumers, each with its own dead letters."""

    def __init__(self, context: Context, bus: EventBus) -> None:
        sizes, key = context.settings.functions, context.key
        self.topic = Topic("order-events", TopicArgs(sources=[bus], key=key), context.opts)
        bus.on("ended", {"source": ["orders"], "detail-type": ENDED}, self.topic)
        self.deliveries = Table(
            "deliveries",
            TableArgs(partition_key="delivery_id", protect=context.settings.protect, key=key),
            context.opts,
        )
        queue = QueueArgs(
            consumer_timeout_seconds=sizes.consumer.timeout_seconds, sources=[self.topic], key=key
        )
        self.notifications = Queue("notifications", queue, context.opts)
        self.shipping = Queue("shipping", queue, context.opts)
        self.topic.fan_out(self.notifications)
        self.topic.fan_out(
            self.shipping, filter={"detail-type": ["OrderConfirmed"]}, filter_scope="body"
        )
        for name, handler, source in (
            ("send-confirmation", "notifications.handler.confirm", self.notifications),
            ("notify-shipping", "shipping.handler.notify", self.shipping),
        ):
            consumer = context.function(
                name,
                handler,
                sizes.consumer,
                self.deliveries.writer("PutItem"),
                source.dead_letters.sender(),
            )
            source.subscribe(consumer)
