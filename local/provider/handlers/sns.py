"""Topics, their policies and their subscriptions.

The emulator enforces policies and filters; keys, delivery logs and the redrive of subscriptions
are stored only.
"""

from typing import Any

from local.provider.clients import Clients
from local.provider.compare import same
from local.provider.handler import Handler, handles
from local.provider.handlers import tags
from local.provider.handlers.sqs import text
from local.provider.policies import without_tls
from local.provider.wire import Properties

TOPIC = {
    "displayName": "DisplayName",
    "deliveryPolicy": "DeliveryPolicy",
    "policy": "Policy",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maximumMessageSize": "MaximumMessageSize",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
    "archivePolicy": "ArchivePolicy",
    "fifoTopic": "FifoTopic",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "fifoThroughputScope": "FifoThroughputScope",
    **{
        f"{protocol}{what}": f"{name}{what}"
        for protocol, name in {
            "application": "Application",
            "firehose": "Firehose",
            "http": "HTTP",
            "lambda": "Lambda",
            "sqs": "SQS",
        }.items()
        for what in (
            "FailureFeedbackRoleArn",
            "SuccessFeedbackRoleArn",
            "SuccessFeedbackSampleRate",
        )
    },
}
SUBSCRIPTION = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}
# What an attribute that the program no longer gives goes back to; the others to nothing.
DEFAULTS = {
    "contentBasedDeduplication": "false",
    "fifoThroughputScope": "Topic",
    "filterPolicyScope": "MessageAttributes",
    "maximumMessageSize": "262144",
    "rawMessageDelivery": "false",
    "signatureVersion": "1",
    "tracingConfig": "PassThrough",
}


def _given(attributes: dict[str, str], properties: Properties) -> dict[str, str]:
    return {name: text(properties[key]) for key, name in attributes.items() if key in properties}


def _changes(attributes: dict[str, str], old: Properties, new: Properties) -> dict[str, str]:
    """Return the attributes that differ, with what those that went go back to."""
    back = {key: DEFAULTS.get(key, "") for key in attributes if key in old and key not in new}
    changed = {key: new[key] for key in attributes if key in new and new[key] != old.get(key)}
    return _given(attributes, {**back, **changed})


def _told(attributes: dict[str, str], live: dict[str, str], state: Properties) -> Properties:
    """Return the attributes that the program gives, or all of them on an import."""
    told = {key: live[name] for key, name in attributes.items() if live.get(name)}
    return {key: value for key, value in told.items() if key in state or not state}


@handles("aws:sns/topic:Topic")
class Topic(Handler):
    """A topic; its id is its ARN."""

    replace = frozenset({"name", "namePrefix", "fifoTopic"})

    def create(self, aws: Clients, properties: Properties) -> str:
        made = aws("sns").create_topic(
            Name=properties["name"],
            Attributes=_given(TOPIC, properties),
            Tags=tags.listed(properties.get("tags")),
        )
        return str(made["TopicArn"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        sns = aws("sns")
        live = sns.get_topic_attributes(TopicArn=id_)["Attributes"]
        return {
            **_told(TOPIC, live, state),
            "name": id_.rsplit(":", 1)[1],
            "arn": id_,
            "owner": live["Owner"],
            "tags": tags.unlisted(sns.list_tags_for_resource(ResourceArn=id_)["Tags"]),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        sns = aws("sns")
        for name, value in _changes(TOPIC, old, new).items():
            sns.set_topic_attributes(TopicArn=id_, AttributeName=name, AttributeValue=value)
        if tags.removed(old, new):
            sns.untag_resource(ResourceArn=id_, TagKeys=tags.removed(old, new))
        if new.get("tags"):
            sns.tag_resource(ResourceArn=id_, Tags=tags.listed(new["tags"]))

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("sns").delete_topic(TopicArn=id_)


@handles("aws:sns/topicPolicy:TopicPolicy")
class TopicPolicy(Handler):
    """Who may use a topic; the emulator has no TLS, so what asks for it stays out of it."""

    replace = frozenset({"arn"})

    def create(self, aws: Clients, properties: Properties) -> str:
        self._set(aws, properties["arn"], properties["policy"])
        return str(properties["arn"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        live = aws("sns").get_topic_attributes(TopicArn=id_)["Attributes"]
        found, given = live.get("Policy"), state.get("policy")
        kept = without_tls(given) if given else ""
        told = given if given and (not kept or same(found, kept)) else found
        return {"arn": id_, "owner": live["Owner"], "policy": told} if told else None

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        self._set(aws, id_, new["policy"])

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        self._set(aws, id_, "")

    def _set(self, aws: Clients, arn: str, value: str) -> None:
        aws("sns").set_topic_attributes(
            TopicArn=arn,
            AttributeName="Policy",
            AttributeValue=without_tls(value) if value else "",
        )


@handles("aws:sns/topicSubscription:TopicSubscription")
class TopicSubscription(Handler):
    """A subscription; its id is its ARN."""

    replace = frozenset({"topic", "protocol", "endpoint"})

    def create(self, aws: Clients, properties: Properties) -> str:
        made = aws("sns").subscribe(
            TopicArn=properties["topic"],
            Protocol=properties["protocol"],
            Endpoint=properties["endpoint"],
            Attributes=_given(SUBSCRIPTION, properties),
            ReturnSubscriptionArn=True,
        )
        return str(made["SubscriptionArn"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        answer: dict[str, Any] = aws("sns").get_subscription_attributes(SubscriptionArn=id_)
        live = answer["Attributes"]
        return {
            **_told(SUBSCRIPTION, live, state),
            "arn": id_,
            "topic": live["TopicArn"],
            "protocol": live["Protocol"],
            "endpoint": live["Endpoint"],
            "ownerId": live["Owner"],
            "pendingConfirmation": live["PendingConfirmation"] == "true",
            "confirmationWasAuthenticated": live["ConfirmationWasAuthenticated"] == "true",
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        for name, value in _changes(SUBSCRIPTION, old, new).items():
            aws("sns").set_subscription_attributes(
                SubscriptionArn=id_, AttributeName=name, AttributeValue=value
            )

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("sns").unsubscribe(SubscriptionArn=id_)
