"""Statistics of all order events, minute by minute."""

from collections.abc import Sequence

from components.compute.capacity_provider import CapacityProvider, CapacityProviderArgs
from components.compute.managed_instances import ManagedInstances
from components.core.links import Link
from components.data.stream import Stream, StreamArgs
from components.data.table import Table, TableArgs
from components.events.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.events.event_bus import EventBus
from components.events.event_source import Batching, StreamReading
from system.context import Context
from system.inside import Inside

WINDOW_SECONDS = 60


class Analytics:
    """Rule → Kinesis stream → a function with tumbling windows → the table of statistics."""

    def __init__(self, context: Context, bus: EventBus) -> None:
        self._context = context
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
        self.links: Sequence[Link] = (
            self.statistics.writer("PutItem", "UpdateItem"),
            self.dead_letters.sender(),
        )

    def aggregate(self, inside: Inside) -> None:
        """Aggregate by a function: of default Lambda, or on instances where a stage has them."""
        aggregate = self._context.function(
            "aggregate-orders",
            "analytics.handler.aggregate",
            self._context.settings.functions.aggregate_orders,
            *self.links,
            managed_instances=self._instances(inside),
        )
        self.stream.subscribe(
            aggregate,
            StreamReading(
                batching=Batching(batch_size=100, window_seconds=1),
                tumbling_window_seconds=WINDOW_SECONDS,
            ),
            failures=self.dead_letters,
        )

    def _instances(self, inside: Inside) -> ManagedInstances | None:
        context, chosen = self._context, self._context.settings.analytics_instances
        if chosen is None:
            return None
        provider = CapacityProvider(
            "analytics",
            CapacityProviderArgs(
                account=context.account,
                subnet_ids=inside.subnet_ids,
                security_group_ids=inside.security_group_ids,
                max_vcpus=chosen.max_vcpus,
                key=context.key,
            ),
            context.opts,
        )
        return ManagedInstances(provider=provider, size=chosen.size)
