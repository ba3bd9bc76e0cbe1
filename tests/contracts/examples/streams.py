"""Programs of topics and streams."""

from collections.abc import Callable

import pulumi_aws as aws

from components.core.account import Account
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.data.stream import Stream, StreamArgs
from components.events.dead_letter_queue import DeadLetterQueue
from components.events.event_bus import EventBus
from components.events.event_source import StreamReading
from components.events.queue import Queue, QueueArgs
from components.events.topic import Topic, TopicArgs
from tests.contracts.examples.base import plain_function


def key(*services: str) -> EncryptionKey:
    account = Account.current(aws.Provider("aws"))
    return EncryptionKey("data", EncryptionKeyArgs(account=account, services=services))


def topic() -> Topic:
    bus, shared = EventBus("orders"), key("events", "sns", "logs")
    made = Topic("news", TopicArgs(sources=[bus], success_sample_percent=10, key=shared))
    bus.on("news", {"detail-type": ["News"]}, made)
    readers = Queue("readers", QueueArgs(sources=[made], key=shared))
    made.fan_out(readers, filter={"detail-type": ["News"]}, filter_scope="body")
    made.invoke(plain_function("print", links=[made.publisher()]), filter={"kind": ["paper"]})
    ordered = Topic("ledger", TopicArgs(fifo=True, content_based_deduplication=True))
    ordered.fan_out(Queue("books", QueueArgs(fifo=True, sources=[ordered])))
    return made


def stream() -> Stream:
    bus = EventBus("orders")
    made = Stream("clicks", StreamArgs(shards=2, key=key("events")))
    bus.on("by-id", {"source": ["clicks"]}, made)
    bus.on("by-page", {"source": ["clicks"]}, made.partitioned_by("$.detail.page"))
    reading = StreamReading(tumbling_window_seconds=60)
    links = [made.reader(), made.writer(), DeadLetterQueue("lost").sender()]
    made.subscribe(plain_function("count", links=links), reading)
    failures = DeadLetterQueue("failures")
    made.subscribe(plain_function("keep"), consumer="keeper", failures=failures)
    return made


EXAMPLES: dict[type, Callable[[], object]] = {Topic: topic, Stream: stream}
