"""Programs of schedules and pipes."""

from collections.abc import Callable

from components.compute.function import Function
from components.data.stream import Stream, StreamArgs
from components.data.table import Table, TableArgs
from components.events.event_bus import EventBus
from components.events.event_source import Batching, StreamReading
from components.events.pipe import Pipe, PipeArgs
from components.events.queue import Queue, QueueArgs
from components.events.schedule import Schedule, ScheduleArgs
from components.events.topic import Topic
from tests.contracts.examples.base import plain_function
from tests.contracts.examples.streams import key


def fifo() -> Queue:
    return Queue("books", QueueArgs(fifo=True, content_based_deduplication=True))


def schedule() -> Schedule:
    shared = key()
    made = Schedule(
        "sweep",
        ScheduleArgs(
            expression="cron(0/15 8-18 ? * MON-FRI *)",
            timezone="Europe/Berlin",
            flexible_window_minutes=5,
            start_date="2030-01-01T00:00:00Z",
            end_date="2031-01-01T00:00:00Z",
            input={"at": "<aws.scheduler.scheduled-time>"},
            target=plain_function(),
            key=shared,
        ),
    )
    once = "at(2030-01-31T12:00:00)"
    Schedule(
        "close", ScheduleArgs(expression=once, target=Queue("jobs"), after_completion="DELETE")
    )
    Schedule(
        "count",
        ScheduleArgs(expression=once, target=fifo(), message_group_id="counts", enabled=False),
    )
    Schedule("tell", ScheduleArgs(expression="rate(1 hour)", target=Topic("news")))
    clicks = Stream("clicks", StreamArgs(key=shared))
    Schedule("tick", ScheduleArgs(expression="rate(2 days)", target=clicks, partition_key="tick"))
    Schedule(
        "night",
        ScheduleArgs(
            expression="cron(0 3 L * ? *)",
            target=EventBus("events"),
            event_source="clock",
            detail_type="Night",
        ),
    )
    return made


def pipe() -> Pipe:
    shared = key("logs")
    enrich: Function = plain_function("enrich")
    made = Pipe(
        "import",
        PipeArgs(
            source=Queue("incoming", QueueArgs(key=shared)),
            batching=Batching(batch_size=5, filters=[{"body": {"kind": ["order"]}}]),
            enrichment=enrich,
            enrichment_template='{"order": <$.body>}',
            target=EventBus("orders"),
            event_source="imports",
            detail_type="$.kind",
            input_template='{"order_id": <$.order_id>, "by": "<aws.pipes.pipe-name>"}',
            log_level="INFO",
            log_payloads=True,
            key=shared,
        ),
    )
    clicks = Stream("clicks", StreamArgs(key=shared))
    Pipe("handle", PipeArgs(source=clicks, target=plain_function("handle")))
    Pipe("tell", PipeArgs(source=clicks, target=Topic("news"), desired_state="STOPPED"))
    reading = StreamReading(batching=Batching(batch_size=10, filters=[{"eventName": ["INSERT"]}]))
    items = Table("items", TableArgs(partition_key="id", stream="NEW_IMAGE", key=shared))
    books = Queue("books", QueueArgs(fifo=True))
    Pipe(
        "write",
        PipeArgs(
            source=items,
            reading=reading,
            target=books,
            message_group_id="$.dynamodb.Keys.id.S",
            deduplication_id="$.eventID",
            log_level="OFF",
        ),
    )
    Pipe("copy", PipeArgs(source=items, target=Stream("changes"), partition_key="$.eventID"))
    return made


EXAMPLES: dict[type, Callable[[], object]] = {Schedule: schedule, Pipe: pipe}
