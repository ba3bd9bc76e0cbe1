"""What a pipe reads: the messages of a queue, or the records of a stream or a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import pulumi

from components.core.checks import when
from components.core.links import Grant
from components.data.stream import Stream
from components.data.table import Table
from components.events.dead_letter_queue import DeadLetterQueue
from components.events.event_source import Batching, StreamReading
from components.events.queue import MOST_FIFO_BATCH, Queue

PipeSource: TypeAlias = Queue | Stream | Table


@dataclass(frozen=True, kw_only=True)
class Source:
    """A source, with what the pipe's role needs to read it and how it reads it."""

    arn: pulumi.Output[str]
    grants: tuple[Grant, ...]
    parameters: dict[str, Any]


def source_of(
    source: PipeSource,
    batching: Batching,
    reading: StreamReading,
    failures: DeadLetterQueue | None,
) -> Source:
    """Return a pipe's source; `failures` keeps what is given up of a stream or a table."""
    if isinstance(source, Queue):
        return Source(
            arn=source.arn,
            grants=source.receiver_grants(),
            parameters={**_filters(batching), "sqs_queue_parameters": _batches(batching)},
        )
    records = {**_batches(reading.batching), **_records(reading, failures)}
    filters = _filters(reading.batching)
    if isinstance(source, Table):
        return Source(
            arn=source.table.stream_arn,
            grants=source.stream_reader_grants(),
            parameters={**filters, "dynamodb_stream_parameters": records},
        )
    start = {"starting_position_timestamp": reading.starting_at} if reading.starting_at else {}
    return Source(
        arn=source.arn,
        grants=source.reader_grants(),
        parameters={**filters, "kinesis_stream_parameters": {**records, **start}},
    )


def source_mistakes(
    source: PipeSource, batching: Batching | None, reading: StreamReading | None
) -> Iterator[str | None]:
    """Yield what the source cannot do."""
    if isinstance(source, Queue):
        yield when(reading is not None, "reading is given for a queue: allowed is batching")
        batch = batching or Batching()
        yield when(
            source.args.fifo and batch.batch_size > MOST_FIFO_BATCH,
            f"batch_size is {batch.batch_size} for a FIFO queue: allowed is 1 to "
            f"{MOST_FIFO_BATCH}",
        )
        yield when(
            source.args.fifo and batch.window_seconds > 0,
            f"window_seconds is {batch.window_seconds} for a FIFO queue: allowed is 0",
        )
        return
    yield when(batching is not None, "batching is given for a stream: allowed is in reading")
    if reading is not None:
        window = reading.tumbling_window_seconds
        yield when(window > 0, f"tumbling_window_seconds is {window} for a pipe: allowed is 0")
    if isinstance(source, Table):
        source.check_reading(reading or StreamReading())


def _filters(batching: Batching) -> dict[str, Any]:
    return {"filter_criteria": batching.inputs()["filter_criteria"]}


def _batches(batching: Batching) -> dict[str, Any]:
    return {
        "batch_size": batching.batch_size,
        "maximum_batching_window_in_seconds": batching.window_seconds,
    }


def _records(reading: StreamReading, failures: DeadLetterQueue | None) -> dict[str, Any]:
    return {
        "starting_position": "AT_TIMESTAMP" if reading.starting_at else reading.starting_position,
        "maximum_retry_attempts": reading.retries,
        "maximum_record_age_in_seconds": reading.maximum_age_seconds,
        "parallelization_factor": reading.parallelization,
        "on_partial_batch_item_failure": "AUTOMATIC_BISECT",
        "dead_letter_config": {"arn": failures.arn} if failures else None,
    }
