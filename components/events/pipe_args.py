"""The settings of a pipe."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from components.compute.function import Function
from components.core.checks import between, check, check_fields, matches, when
from components.core.encryption_key import EncryptionKey
from components.core.logs import LogSettings
from components.events.delivery import WORDS, Delivery, deduplicates
from components.events.event_source import Batching, StreamReading
from components.events.pipe_source import PipeSource, source_mistakes
from components.events.queue import VISIBILITY_PER_TIMEOUT, Queue

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
MOST_AT_ONCE = {"events": 10, "fifo": 10, "kinesis": 500, "sns": 10, "sqs": 10}
# https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_FilterCriteria.html
MOST_FILTERS = 5
# https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeTargetParameters.html
TEMPLATE_CHARACTERS = 8_192
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
LONGEST_SECONDS = 300
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
PLACEHOLDER = re.compile(r"<((?:aws\.pipes|\$)[^<>]*)>")
RESERVED = r"(pipe|source|enrichment|target)-arn|pipe-name|event(\.ingestion-time|\.json)?"
PATH = rf"\$(\.[\w/-]+(\[(\d+|\*)\])*)*|aws\.pipes\.({RESERVED})"


@dataclass(frozen=True, kw_only=True)
class PipeArgs(Delivery):
    """Settings of a Pipe.

    `batching` says how a queue is read, `reading` how a stream or a table is. The events of a
    batch go to `enrichment` and then to the target, each first as its template says: JSON with
    placeholders such as `<$.body.order_id>`. What stands for a FIFO queue's `deduplication_id`, a
    group, a key or a bus's fields may be such a path too, without brackets. A function is waited
    for, a workflow is not. Of runs it logs what `log_level` says, with payloads if asked to.
    """

    source: PipeSource
    batching: Batching | None = None
    reading: StreamReading | None = None
    enrichment: Function | None = None
    enrichment_template: str | None = None
    input_template: str | None = None
    deduplication_id: str | None = None
    desired_state: Literal["RUNNING", "STOPPED"] = "RUNNING"
    log_level: Literal["OFF", "ERROR", "INFO", "TRACE"] = "ERROR"
    log_payloads: bool = False
    logs: LogSettings = field(default_factory=LogSettings)
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            *self.delivery_mistakes(),
            *self._deduplication_mistakes(),
            *source_mistakes(self.source, self.batching, self.reading),
            when(
                self.enrichment_template is not None and self.enrichment is None,
                "enrichment_template is given without an enrichment: allowed is None",
            ),
            when(
                self.log_payloads and self.log_level == "OFF",
                "log_payloads is True for log_level 'OFF': allowed is False",
            ),
            *_template_mistakes("enrichment_template", self.enrichment_template),
            *_template_mistakes("input_template", self.input_template),
        )
        check(*self._batch_mistakes(), *self._time_mistakes())

    @property
    def batches(self) -> Batching:
        """How much is read at once: by default as much as the target takes, 100 at most."""
        if isinstance(self.source, Queue):
            return self.batching or Batching()
        return self.records.batching

    @property
    def records(self) -> StreamReading:
        """How a stream or a table is read."""
        size = min(100, MOST_AT_ONCE.get(self.kind, 100))
        default = StreamReading(batching=Batching(batch_size=size, window_seconds=1))
        return self.reading or default

    def _batch_mistakes(self) -> Iterator[str | None]:
        most = MOST_AT_ONCE.get(self.kind, 10_000)
        size = self.batches.batch_size
        yield when(
            size > most,
            f"batch_size is {size} for {WORDS[self.kind]}: allowed is up to {most}",
        )
        yield between("number of filters", len(self.batches.filters), 0, MOST_FILTERS)

    def _deduplication_mistakes(self) -> Iterator[str | None]:
        given, fifo = self.deduplication_id, self.kind == "fifo"
        yield when(
            given is not None and not fifo,
            f"deduplication_id is {given!r} for {WORDS[self.kind]}: allowed is None",
        )
        yield when(
            fifo and given is None and not deduplicates(self.target),
            "deduplication_id is None for a FIFO queue without content_based_deduplication: "
            "allowed is a text",
        )
        if given is not None:
            words = "1 to 100 characters of ASCII, no space"
            yield matches("deduplication_id", given, r"[!-~]{1,100}", words)

    def _time_mistakes(self) -> Iterator[str | None]:
        called = [each for each in (self.enrichment, self.target) if isinstance(each, Function)]
        for each in called:
            seconds = each.args.size.timeout_seconds
            yield when(
                seconds > LONGEST_SECONDS,
                f"function {each.name} takes {seconds} s: allowed for a pipe is {LONGEST_SECONDS}",
            )
        if isinstance(self.source, Queue):
            seconds = sum(each.args.size.timeout_seconds for each in called)
            needed = VISIBILITY_PER_TIMEOUT * seconds + self.batches.window_seconds
            hidden = self.source.args.visibility_timeout_seconds
            yield when(
                needed > hidden,
                f"the functions take {seconds} s with a window of {self.batches.window_seconds} s:"
                f" allowed for queue {self.source.name} is what its consumer_timeout_seconds and "
                "consumer_window_seconds say",
            )


def _template_mistakes(name: str, template: str | None) -> Iterator[str | None]:
    if template is None:
        return
    yield between(f"characters of {name}", len(template), 1, TEMPLATE_CHARACTERS)
    for placeholder in PLACEHOLDER.findall(template):
        words = "a path such as $.body.id, or one of aws.pipes"
        yield matches(f"placeholder of {name}", placeholder, PATH, words)
    if template.lstrip()[:1] in ("{", "["):
        yield when(
            not _is_json(PLACEHOLDER.sub("0", template)),
            f"{name} is {template!r}: allowed is JSON",
        )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
