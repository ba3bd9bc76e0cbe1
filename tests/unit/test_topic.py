import json
from collections.abc import Callable
from typing import Any

import pytest

from components.core.checks import ArgumentsError
from components.core.links import Link
from components.core.logs import LogSettings
from components.events.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.events.event_bus import EventBus
from components.events.queue import Queue, QueueArgs
from components.events.topic import Topic, TopicArgs
from tests.contracts.examples.base import plain_function
from tests.contracts.examples.streams import key
from tests.recording import Deployment, deploy

TOPIC = "arn:aws:sns:eu-central-1:123456789012:news-topic"
FAILURES = "arn:aws:sqs:eu-central-1:123456789012:news-readers-failures-queue"


def deployed(**settings: Any) -> Deployment:
    return deploy(lambda: Topic("news", TopicArgs(**settings)))


def fanned_out(fan: dict[str, Any] | None = None, **settings: Any) -> Deployment:
    def program() -> None:
        topic = Topic("news", TopicArgs(**settings))
        readers = Queue("readers", QueueArgs(sources=[topic], fifo=topic.args.fifo))
        topic.fan_out(readers, **(fan or {}))

    return deploy(program)


def linked(make: Callable[[], Link]) -> Link:
    made: list[Link] = []
    deploy(lambda: made.append(make()))
    return made[0]


def test_a_topic_is_encrypted_with_the_accounts_key_unless_services_publish() -> None:
    assert deployed().inputs("topic:Topic")["kmsMasterKeyId"] == "alias/aws/sns"
    deployment = deploy(lambda: Topic("news", TopicArgs(sources=[EventBus("events")])))
    assert "kmsMasterKeyId" not in deployment.inputs("topic:Topic")
    deployment = deploy(lambda: Topic("news", TopicArgs(key=key("sns"))))
    assert deployment.inputs("topic:Topic")["kmsMasterKeyId"] == deployment.arn("key:Key")


def test_deliveries_are_logged_where_sns_prescribes_and_kept_as_asked() -> None:
    deployment = deployed(success_sample_percent=20, logs=LogSettings(retention_days=30))
    topic = deployment.inputs("topic:Topic")
    role = "arn:aws:iam::123456789012:role/news-deliveries-role"
    for protocol in ("sqs", "lambda"):
        assert topic[f"{protocol}FailureFeedbackRoleArn"] == role
        assert topic[f"{protocol}SuccessFeedbackRoleArn"] == role
        assert topic[f"{protocol}SuccessFeedbackSampleRate"] == 20
    groups = [each.inputs for each in deployment.all("logGroup:LogGroup")]
    name = "sns/eu-central-1/123456789012/news-topic"
    assert [each["name"] for each in groups] == [name, f"{name}/Failure"]
    assert [each["retentionInDays"] for each in groups] == [30, 30]
    (statement,) = deployment.document("RolePolicy", "news-deliveries-policy")["Statement"]
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert all(each.endswith(":log-stream:*") for each in statement["Resource"])


def test_no_one_but_its_sources_publishes_from_aws() -> None:
    deployment = deploy(lambda: Topic("news", TopicArgs(sources=[EventBus("events")])))
    deny, allow = deployment.document("topicPolicy:TopicPolicy")["Statement"]
    assert (deny["Effect"], deny["Action"]) == ("Deny", ["sns:Publish"])
    assert allow["Principal"] == {"Service": "events.amazonaws.com"}
    assert (allow["Action"], allow["Resource"]) == ("sns:Publish", TOPIC)
    rules = "arn:aws:events:eu-central-1:123456789012:rule/events-bus/*"
    assert allow["Condition"] == {"ArnLike": {"aws:SourceArn": rules}}


def test_a_publisher_publishes_and_knows_where() -> None:
    link = linked(lambda: Topic("news").publisher())
    assert [grant.actions for grant in link.grants] == [("sns:Publish",)]
    assert list(link.environment) == ["NEWS_TOPIC_ARN"]
    link = linked(lambda: Topic("news", TopicArgs(key=key("sns"))).publisher())
    assert "kms:GenerateDataKey" in link.grants[1].actions


def test_results_of_a_function_can_go_to_a_topic() -> None:
    def program() -> None:
        topic = Topic("news")
        assert topic.destination_arn is topic.arn
        assert topic.destination_grants()[0].actions == ("sns:Publish",)

    deploy(program)
    with pytest.raises(ArgumentsError, match="destination is news, a FIFO topic"):
        deploy(lambda: Topic("news", TopicArgs(fifo=True)).destination_arn)


def test_a_queue_gets_messages_as_they_are_and_what_it_cannot_take_is_kept() -> None:
    deployment = fanned_out()
    subscription = deployment.inputs("TopicSubscription", "news-readers-subscription")
    assert subscription["protocol"] == "sqs"
    assert subscription["topic"] == TOPIC
    assert subscription["endpoint"].endswith(":readers-queue")
    assert subscription["rawMessageDelivery"] is True
    assert "filterPolicy" not in subscription
    assert json.loads(subscription["redrivePolicy"]) == {"deadLetterTargetArn": FAILURES}
    for name in ("readers-policy", "news-readers-failures-policy"):
        _, allow = deployment.document("QueuePolicy", name)["Statement"]
        assert allow["Principal"] == {"Service": "sns.amazonaws.com"}
        assert allow["Condition"] == {"ArnLike": {"aws:SourceArn": TOPIC}}


def test_a_queue_may_get_the_envelope() -> None:
    subscription = fanned_out({"raw": False}).inputs("TopicSubscription")
    assert subscription["rawMessageDelivery"] is False


@pytest.mark.parametrize(
    ("scope", "member"), [("attributes", "MessageAttributes"), ("body", "MessageBody")]
)
def test_a_filter_is_of_attributes_or_of_the_body(scope: str, member: str) -> None:
    policy = {"kind": ["a", {"prefix": "b"}]}
    fan = {"filter": policy, "filter_scope": scope}
    subscription = fanned_out(fan).inputs("TopicSubscription")
    assert json.loads(subscription["filterPolicy"]) == policy
    assert subscription["filterPolicyScope"] == member


def test_a_function_is_invoked_and_failed_events_are_kept() -> None:
    def program() -> None:
        Topic("news").invoke(plain_function(), filter={"kind": ["a"]})

    deployment = deploy(program)
    permission = deployment.inputs("permission:Permission", "work-news-permission")
    assert (permission["principal"], permission["sourceArn"]) == ("sns.amazonaws.com", TOPIC)
    subscription = deployment.inputs("TopicSubscription", "news-work-subscription")
    assert subscription["endpoint"].endswith(":live")
    assert json.loads(subscription["filterPolicy"]) == {"kind": ["a"]}
    assert deployment.one("DeadLetterQueue", "work-failed-events")
    assert deployment.one("DeadLetterQueue", "news-work-failures")


def test_a_fifo_topic_fans_out_to_fifo_queues() -> None:
    deployment = fanned_out(fifo=True, content_based_deduplication=True)
    topic = deployment.inputs("topic:Topic")
    assert topic["fifoTopic"] is topic["contentBasedDeduplication"] is True
    assert topic["fifoThroughputScope"] == "MessageGroup"
    assert deployment.inputs("queue:Queue", "news-readers-failures-queue")["fifoQueue"] is True


def of_other_kind() -> None:
    topic = Topic("news", TopicArgs(fifo=True))
    topic.fan_out(Queue("readers", QueueArgs(sources=[topic])))


def of_no_source() -> None:
    Topic("news").fan_out(Queue("readers"))


def of_a_closed_key() -> None:
    topic = Topic("news")
    topic.fan_out(Queue("readers", QueueArgs(sources=[topic], key=key("events", "logs"))))


def of_a_closed_key_of_its_own() -> None:
    Topic("news", TopicArgs(key=key())).invoke(plain_function())


def fifo_invoking() -> None:
    Topic("news", TopicArgs(fifo=True)).invoke(plain_function())


def ruled(**settings: Any) -> Callable[[], None]:
    def program() -> None:
        bus = EventBus("events")
        args = {"sources": [bus], **settings}
        bus.on("all", {"source": ["a"]}, Topic("news", TopicArgs(**args)))

    return program


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (of_no_source, "topic news is not among the sources of queue readers"),
        (of_other_kind, "fifo is True for topic news and False for queue readers: allowed is the"),
        (
            of_a_closed_key,
            "topic news sends to queue readers: services of key data are events, logs: allowed is",
        ),
        (
            of_a_closed_key_of_its_own,
            "topic news keeps what work cannot take: services of key data are none: allowed is",
        ),
        (fifo_invoking, "topic news is FIFO: allowed for a function is a standard one"),
        (ruled(sources=[]), "all: bus is not among the sources of topic news"),
        (ruled(fifo=True), "all: topic news is FIFO: allowed is standard"),
    ],
)
def test_what_would_not_arrive_is_refused(program: Callable[[], None], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        deploy(program)
    assert message in str(caught.value)


def test_a_key_lets_the_bus_in() -> None:
    def program(*services: str) -> None:
        bus = EventBus("events")
        topic = Topic("news", TopicArgs(sources=[bus], key=key(*services)))
        bus.on("all", {"source": ["a"]}, topic)

    assert deploy(lambda: program("events")).inputs("EventTarget")["arn"] == TOPIC
    with pytest.raises(ArgumentsError, match="all sends to topic news: services of key data are"):
        deploy(lambda: program("sns"))


def test_content_is_compared_by_fifo_topics_only() -> None:
    with pytest.raises(ArgumentsError, match="allowed is False unless fifo"):
        TopicArgs(content_based_deduplication=True)


def test_a_queue_of_failures_has_a_link_of_its_own() -> None:
    def shipping() -> Link:
        return Queue("shipping").dead_letters.sender()

    link = linked(shipping)
    assert [grant.actions for grant in link.grants] == [("sqs:SendMessage",)]
    assert list(link.environment) == ["SHIPPING_DEAD_LETTERS_QUEUE_URL"]
    link = linked(lambda: DeadLetterQueue("lost", DeadLetterQueueArgs(key=key())).sender())
    assert "kms:GenerateDataKey" in link.grants[1].actions
