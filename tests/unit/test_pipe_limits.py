from typing import Any

import pytest

from components.data.stream import Stream
from components.data.table import Table, TableArgs
from components.events.event_source import Batching, StreamReading
from components.events.queue import Queue, QueueArgs
from components.events.topic import Topic, TopicArgs
from tests.contracts.examples.base import plain_function
from tests.contracts.examples.schedules import fifo
from tests.unit.piping import BUS, bus, deployed, out, queue, refused, slow, stream, table


def test_a_source_is_read_in_its_own_way() -> None:
    refused("reading is given for a queue: allowed is batching", reading=StreamReading())
    said = "batching is given for a stream: allowed is in reading"
    refused(said, stream, batching=Batching())
    tumbling = StreamReading(
        batching=Batching(batch_size=10, window_seconds=1), tumbling_window_seconds=1
    )
    refused("tumbling_window_seconds is 1 for a pipe: allowed is 0", stream, reading=tumbling)
    refused("stream of table items is None", lambda: Table("items", TableArgs(partition_key="a")))
    starting = StreamReading(batching=Batching(batch_size=10), starting_at="2026-01-31T12:00:00Z")
    refused("starting_at is .* for a table", table, reading=starting)


def test_a_fifo_source_has_ten_messages_and_no_window() -> None:
    waiting = {"fifo": True}
    assert deployed(lambda: queue(**waiting), batching=Batching(batch_size=10))
    more = Batching(batch_size=11, window_seconds=1)
    refused(
        "batch_size is 11 for a FIFO queue: allowed is 1 to 10; window_seconds is 1",
        lambda: queue(**waiting),
        plain_function,
        batching=more,
    )


@pytest.mark.parametrize(
    ("target", "settings", "most"),
    [
        (out, {}, 10),
        (lambda: Topic("news"), {}, 10),
        (fifo, {"message_group_id": "g"}, 10),
        (bus, BUS, 10),
        (lambda: Stream("copy"), {"partition_key": "k"}, 500),
        (plain_function, {}, 10_000),
    ],
)
def test_a_batch_is_no_larger_than_the_target_takes(
    target: Any, settings: dict[str, Any], most: int
) -> None:
    def reading(size: int) -> StreamReading:
        return StreamReading(batching=Batching(batch_size=size, window_seconds=1))

    assert deployed(stream, target, reading=reading(most), **settings)
    if most < 10_000:
        said = f"batch_size is {most + 1} for .*: allowed is up to {most}"
        refused(said, stream, target, reading=reading(most + 1), **settings)


def test_a_pipe_has_five_filters() -> None:
    some = [{"body": {"n": [n]}} for n in range(6)]
    assert deployed(batching=Batching(filters=some[:5]))
    refused("number of filters is 6: allowed is 0 to 5", batching=Batching(filters=some))


def test_ids_that_a_fifo_target_needs() -> None:
    plain = lambda: Queue("books", QueueArgs(fifo=True))  # noqa: E731
    refused("deduplication_id is None for a FIFO queue", queue, plain, message_group_id="g")
    refused("deduplication_id is 'd' for a queue: allowed is None", deduplication_id="d")
    ids: dict[str, Any] = {"message_group_id": "g"}
    assert deployed(queue, plain, **ids, deduplication_id="x" * 100)
    for wrong in ("x" * 101, "", "a b"):
        said = f"deduplication_id is '{wrong}': allowed is 1 to 100"
        refused(said, queue, plain, **ids, deduplication_id=wrong)


def test_a_fifo_topic_is_refused() -> None:
    ledger = TopicArgs(fifo=True)
    refused("a FIFO topic: allowed is a standard one", queue, lambda: Topic("l", ledger))


def test_templates_are_checked() -> None:
    assert deployed(input_template="x" * 8_192)
    refused(
        "characters of input_template is 8193: allowed is 1 to 8,192", input_template="x" * 8193
    )
    refused("characters of input_template is 0", input_template="")
    refused("enrichment_template is given without an enrichment", enrichment_template="a")
    refused(
        "characters of enrichment_template is 8193",
        enrichment=plain_function,
        enrichment_template="x" * 8193,
    )
    for right in ("<$.a.b[0].c>", '{"a": "<$.x-y> b", "c": <aws.pipes.event.json>}', "<b>", "<$>"):
        assert deployed(input_template=right)
    refused("placeholder of input_template is 'aws.pipes.now'", input_template="<aws.pipes.now>")
    refused(r"placeholder of input_template is '\$a'", input_template="<$a>")
    refused("allowed is JSON", input_template='{"a": <$.b>')
    refused("allowed is JSON", input_template="[<$.b>,]")


def test_functions_of_a_pipe_take_five_minutes_at_most() -> None:
    assert deployed(stream, enrichment=lambda: slow(300))
    refused("function slow takes 301 s: allowed for a pipe is 300", stream, lambda: slow(301))
    refused("function slow takes 301 s", stream, enrichment=lambda: slow(301))


def test_a_message_stays_hidden_while_the_functions_run() -> None:
    batching = Batching(window_seconds=10)
    settings = {"consumer_timeout_seconds": 25, "consumer_window_seconds": 10}
    assert deployed(lambda: queue(**settings), lambda: slow(15), plain_function, batching=batching)
    said = "the functions take 26 s with a window of 10 s: allowed for queue in is what its"
    refused(said, lambda: queue(**settings), lambda: slow(16), plain_function, batching=batching)
