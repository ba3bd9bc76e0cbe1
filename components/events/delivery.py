"""What a schedule or a pipe sends to, and what the kind of target asks for besides."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from components.compute.asynchronous import Destination
from components.core.checks import matches, when
from components.events.dead_letter_queue import DeadLetterQueue
from components.events.queue import Queue

# What each kind of target cannot do without; a FIFO queue is a kind of its own.
NEEDED = {
    "fifo": ("message_group_id",),
    "kinesis": ("partition_key",),
    "events": ("event_source", "detail_type"),
}
WORDS = {
    "events": "an event bus",
    "fifo": "a FIFO queue",
    "kinesis": "a stream",
    "lambda": "a function",
    "sns": "a topic",
    "sqs": "a queue",
    "states": "a workflow",
}
# https://docs.aws.amazon.com/scheduler/latest/APIReference/API_EventBridgeParameters.html
SOURCE = r"(?=.{1,256}$)((?!aws\.)[/.\-_A-Za-z0-9].*|\$(\.[\w-]+(\[(\d+|\*)\])*)*)"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A target, and what it is told besides the payload.

    A target is a function, a queue, a topic, a stream, an event bus or a workflow. A FIFO queue
    needs a `message_group_id`, a stream a `partition_key`, and a bus the `event_source` and the
    `detail_type` that its rules match on.
    """

    target: Destination
    message_group_id: str | None = None
    partition_key: str | None = None
    event_source: str | None = None
    detail_type: str | None = None

    @property
    def kind(self) -> str:
        """The service of the target, or `fifo`: what it grants tells."""
        if _is_fifo(self.target):
            return "fifo"
        return self.target.destination_grants()[0].actions[0].partition(":")[0]

    def delivery_mistakes(self) -> Iterator[str | None]:
        """Yield what is missing for the target, too much, or too long."""
        needed = NEEDED.get(self.kind, ())
        for name in (name for names in NEEDED.values() for name in names):
            value = getattr(self, name)
            yield when(
                value is None and name in needed,
                f"{name} is None for {WORDS[self.kind]}: allowed is a text",
            )
            yield when(
                value is not None and name not in needed,
                f"{name} is {value!r} for {WORDS[self.kind]}: allowed is None",
            )
        for name, pattern, words in (
            ("message_group_id", r"[!-~]{1,100}", "1 to 100 characters of ASCII, no space"),
            ("partition_key", r"(?s).{1,256}", "1 to 256 characters"),
            ("event_source", SOURCE, "1 to 256 characters, not aws. first, or a path"),
            ("detail_type", r"(?s).{1,128}", "1 to 128 characters"),
        ):
            if getattr(self, name) is not None:
                yield matches(name, getattr(self, name), pattern, words)

    def parameters(self, names: dict[str, str]) -> dict[str, Any]:
        """Return the target's parameters, under the name that its kind has for the service."""
        given = {
            "fifo": {"message_group_id": self.message_group_id},
            "kinesis": {"partition_key": self.partition_key},
            "events": {"source": self.event_source, "detail_type": self.detail_type},
        }
        return {names[self.kind]: given[self.kind]} if self.kind in given else {}


def _is_fifo(target: Destination) -> bool:
    return isinstance(target, Queue | DeadLetterQueue) and target.args.fifo


def deduplicates(target: Destination) -> bool:
    """Whether a FIFO queue drops repeats by their content, without an id of the sender."""
    return isinstance(target, Queue) and target.args.content_based_deduplication
