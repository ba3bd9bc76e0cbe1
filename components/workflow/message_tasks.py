"""Steps that tell others: a queue, a topic, a bus."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.core.checks import between, when
from components.core.links import Grant
from components.events.dead_letter_queue import DeadLetterQueue
from components.events.event_bus import EventBus
from components.events.queue import Queue
from components.events.topic import Topic
from components.workflow.expressions import Json
from components.workflow.task import Task

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
MOST_ATTRIBUTES = 10
# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
MOST_EVENTS = 10


@dataclass(frozen=True, kw_only=True)
class MessageTask(Task):
    """A message with text attributes; one to FIFO names its group."""

    message: Json
    attributes: Mapping[str, str] = field(default_factory=dict)
    group_id: str | None = None
    deduplication_id: str | None = None

    def mistakes(self) -> Iterator[str | None]:
        yield from super().mistakes()
        yield between("number of attributes", len(self.attributes), 0, MOST_ATTRIBUTES)
        given = [each for each in (self.group_id, self.deduplication_id) if each is not None]
        yield when(
            not self.fifo and bool(given),
            f"group_id and deduplication_id are {given} for what is not FIFO: allowed is None",
        )
        yield when(self.fifo and self.group_id is None, "group_id is None: allowed is a text")

    @property
    @abstractmethod
    def fifo(self) -> bool:
        """Whether what it sends to is FIFO."""

    def details(self) -> dict[str, Any]:
        """Return what a request has besides the message and where it goes."""
        attributes = {
            name: {"DataType": "String", "StringValue": value}
            for name, value in self.attributes.items()
        }
        given = {
            "MessageAttributes": attributes or None,
            "MessageGroupId": self.group_id,
            "MessageDeduplicationId": self.deduplication_id,
        }
        return {key: value for key, value in given.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class SendMessage(MessageTask):
    """A message to a queue; JSON becomes its text."""

    queue: Queue | DeadLetterQueue

    @property
    def fifo(self) -> bool:
        return self.queue.args.fifo

    def integration(self) -> str:
        return "sqs:sendMessage"

    def arguments(self) -> Mapping[str, Any]:
        return {"QueueUrl": self.queue.url, "MessageBody": self.message, **self.details()}

    def grants(self) -> tuple[Grant, ...]:
        return self.queue.sender().grants


@dataclass(frozen=True, kw_only=True)
class Publish(MessageTask):
    """A message to a topic; JSON becomes its text."""

    topic: Topic

    @property
    def fifo(self) -> bool:
        return self.topic.args.fifo

    def integration(self) -> str:
        return "sns:publish"

    def arguments(self) -> Mapping[str, Any]:
        return {"TopicArn": self.topic.arn, "Message": self.message, **self.details()}

    def grants(self) -> tuple[Grant, ...]:
        return self.topic.publisher().grants


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event, as rules match it."""

    source: str
    detail_type: str
    detail: Json


@dataclass(frozen=True, kw_only=True)
class PutEvents(Task):
    """Events to a bus; with one that it refuses the step fails: EventBridge.FailedEntry."""

    bus: EventBus
    events: Sequence[Event]

    def mistakes(self) -> Iterator[str | None]:
        yield from super().mistakes()
        yield between("number of events", len(self.events), 1, MOST_EVENTS)

    def integration(self) -> str:
        return "events:putEvents"

    def arguments(self) -> Mapping[str, Any]:
        entries = [
            {
                "EventBusName": self.bus.name,
                "Source": each.source,
                "DetailType": each.detail_type,
                "Detail": each.detail,
            }
            for each in self.events
        ]
        return {"Entries": entries}

    def grants(self) -> tuple[Grant, ...]:
        return self.bus.publisher().grants
