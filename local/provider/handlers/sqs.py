"""Queues, and the attributes of queues that are resources of their own."""

from typing import Any, ClassVar

from local.provider.clients import Clients
from local.provider.compare import same
from local.provider.handler import Handler, handles
from local.provider.handlers import tags
from local.provider.policies import without_tls
from local.provider.wire import Properties

ATTRIBUTES = {
    "visibilityTimeoutSeconds": "VisibilityTimeout",
    "delaySeconds": "DelaySeconds",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "policy": "Policy",
    "redrivePolicy": "RedrivePolicy",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "fifoQueue": "FifoQueue",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
}
# Where an attribute that the program no longer gives goes back to.
DEFAULTS = {
    "visibilityTimeoutSeconds": 30,
    "delaySeconds": 0,
    "maxMessageSize": 1_048_576,
    "messageRetentionSeconds": 345_600,
    "receiveWaitTimeSeconds": 0,
    "policy": "",
    "redrivePolicy": "",
    "redriveAllowPolicy": "",
    "contentBasedDeduplication": False,
    "kmsMasterKeyId": "",
    "sqsManagedSseEnabled": True,
}


def text(value: Any) -> str:
    """Return a value as an attribute has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@handles("aws:sqs/queue:Queue")
class Queue(Handler):
    """A queue; its id is its URL."""

    replace = frozenset({"name", "namePrefix", "fifoQueue"})

    def create(self, aws: Clients, properties: Properties) -> str:
        made = aws("sqs").create_queue(
            QueueName=properties["name"],
            Attributes={
                name: text(properties[key])
                for key, name in ATTRIBUTES.items()
                if key in properties
            },
            tags=properties.get("tags") or {},
        )
        return str(made["QueueUrl"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        sqs = aws("sqs")
        found = sqs.get_queue_attributes(QueueUrl=id_, AttributeNames=["All"])["Attributes"]
        live = {key: found[name] for key, name in ATTRIBUTES.items() if name in found}
        return {
            # A queue policy is a resource of its own.
            **{key: value for key, value in live.items() if key in state or not state},
            "name": id_.rsplit("/", 1)[1],
            "arn": found["QueueArn"],
            "url": id_,
            "tags": sqs.list_queue_tags(QueueUrl=id_).get("Tags", {}),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        back = {key: value for key, value in DEFAULTS.items() if key in old}
        wanted = {key: value for key, value in new.items() if key in ATTRIBUTES}
        attributes = {ATTRIBUTES[key]: text(value) for key, value in {**back, **wanted}.items()}
        attributes.pop("FifoQueue", None)
        sqs = aws("sqs")
        sqs.set_queue_attributes(QueueUrl=id_, Attributes=attributes)
        gone = tags.removed(old, new)
        if gone:
            sqs.untag_queue(QueueUrl=id_, TagKeys=gone)
        if new.get("tags"):
            sqs.tag_queue(QueueUrl=id_, Tags=new["tags"])

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("sqs").delete_queue(QueueUrl=id_)


class Attribute(Handler):
    """One attribute of a queue, as a resource; its id is the queue's URL."""

    replace = frozenset({"queueUrl"})
    key: ClassVar[str]

    def create(self, aws: Clients, properties: Properties) -> str:
        self._set(aws, properties["queueUrl"], properties[self.key])
        return str(properties["queueUrl"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        name = ATTRIBUTES[self.key]
        answer = aws("sqs").get_queue_attributes(QueueUrl=id_, AttributeNames=[name])
        value = answer.get("Attributes", {}).get(name)
        return {"queueUrl": id_, self.key: value} if value else None

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        self._set(aws, id_, new[self.key])

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        self._set(aws, id_, "")

    def _set(self, aws: Clients, url: str, value: str) -> None:
        aws("sqs").set_queue_attributes(QueueUrl=url, Attributes={ATTRIBUTES[self.key]: value})


@handles("aws:sqs/queuePolicy:QueuePolicy")
class QueuePolicy(Attribute):
    """Who may use a queue.

    The emulator enforces it and has no TLS, so what refuses requests without TLS stays out of it.
    """

    key = "policy"

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        live, given = super().read(aws, id_, state), state.get("policy")
        kept = without_tls(given) if given else ""
        if given and (not kept or (live and same(live["policy"], kept))):
            return {"queueUrl": id_, "policy": given}
        return live

    def _set(self, aws: Clients, url: str, value: str) -> None:
        super()._set(aws, url, without_tls(value) if value else value)


@handles("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy")
class RedriveAllowPolicy(Attribute):
    """Which queues may use this one for their dead letters."""

    key = "redriveAllowPolicy"
