import json
from typing import Any

import pytest

from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize
from components.core.checks import ArgumentsError
from components.core.links import Link
from components.events.event_bus import EventBus
from components.events.event_source import Batching
from components.events.queue import Queue, QueueArgs
from tests.contracts.examples.base import CODE, HANDLER, key, plain_function
from tests.recording import Deployment, deploy


def deployed(**settings: Any) -> Deployment:
    return deploy(lambda: Queue("incoming", QueueArgs(**settings)))


def test_failed_messages_end_in_the_dead_letter_queue() -> None:
    deployment = deployed()
    redrive = deployment.document("queue:Queue", "incoming-queue", "redrivePolicy")
    assert redrive == {
        "deadLetterTargetArn": "arn:aws:sqs:eu-central-1:123456789012:incoming-dead-letters-queue",
        "maxReceiveCount": 5,
    }


def test_the_dead_letter_queue_keeps_them_for_14_days_and_takes_no_others() -> None:
    deployment = deployed()
    dead_letters = deployment.inputs("queue:Queue", "dead-letters-queue")
    assert dead_letters["messageRetentionSeconds"] == 1_209_600
    allow = deployment.document("RedriveAllowPolicy", key="redriveAllowPolicy")
    assert allow == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": ["arn:aws:sqs:eu-central-1:123456789012:incoming-queue"],
    }


def test_visibility_is_six_times_the_consumers_timeout_and_its_window() -> None:
    inputs = deployed(consumer_timeout_seconds=10, consumer_window_seconds=5).inputs(
        "queue:Queue", "incoming-queue"
    )
    assert inputs["visibilityTimeoutSeconds"] == 65


def test_a_queue_encrypts_with_the_key_given() -> None:
    deployment = deploy(lambda: Queue("incoming", QueueArgs(key=key())))
    for each in deployment.all("queue:Queue"):
        assert each.inputs["kmsMasterKeyId"] == deployment.arn("key:Key")


def test_no_one_but_its_sources_sends_from_aws() -> None:
    def program() -> None:
        Queue("incoming", QueueArgs(sources=[EventBus("events")]))

    policy = deploy(program).document("QueuePolicy", "incoming-policy")
    deny, allow = policy["Statement"]
    assert deny["Effect"] == "Deny"
    assert allow["Principal"] == {"Service": "events.amazonaws.com"}
    rules = "arn:aws:events:eu-central-1:123456789012:rule/events-bus/*"
    assert allow["Condition"] == {"ArnLike": {"aws:SourceArn": rules}}


def sender(**settings: Any) -> Link:
    made: list[Link] = []
    deploy(lambda: made.append(Queue("incoming", QueueArgs(**settings)).sender()))
    return made[0]


def test_a_sender_sends_and_knows_where() -> None:
    link = sender()
    assert [grant.actions for grant in link.grants] == [("sqs:SendMessage",)]
    assert list(link.environment) == ["INCOMING_QUEUE_URL"]


def test_a_sender_to_an_encrypted_queue_may_use_the_key() -> None:
    made: list[Link] = []
    deploy(lambda: made.append(Queue("incoming", QueueArgs(key=key())).sender()))
    assert "kms:GenerateDataKey" in made[0].grants[1].actions


def subscribed(batching: Batching | None = None, **settings: Any) -> Deployment:
    def program() -> None:
        Queue("incoming", QueueArgs(**settings)).subscribe(plain_function(), batching)

    return deploy(program)


def test_a_subscription_polls_with_partial_failures() -> None:
    deployment = subscribed()
    mapping = deployment.inputs("EventSourceMapping")
    assert mapping["batchSize"] == 10
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    statements = deployment.document("RolePolicy", "work-incoming-policy")["Statement"]
    assert [each["Action"] for each in statements] == [
        ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    ]


def test_a_subscription_may_decrypt_with_the_queues_key() -> None:
    def program() -> None:
        Queue("incoming", QueueArgs(key=key())).subscribe(plain_function())

    statements = deploy(program).document("RolePolicy", "work-incoming-policy")["Statement"]
    assert statements[1]["Action"] == ["kms:Decrypt", "kms:DescribeKey"]


def test_a_filter_reaches_the_mapping() -> None:
    mapping = subscribed(Batching(filters=[{"body": {"kind": ["a"]}}])).inputs(
        "EventSourceMapping"
    )
    (each,) = mapping["filterCriteria"]["filters"]
    assert json.loads(each["pattern"]) == {"body": {"kind": ["a"]}}


@pytest.mark.parametrize(("timeout", "fits"), [(30, True), (31, False)])
def test_a_consumer_slower_than_the_queue_was_made_for_is_refused(
    timeout: int, fits: bool
) -> None:
    def program() -> None:
        size = FunctionSize(timeout_seconds=timeout)
        slow = Function("slow", FunctionArgs(code=CODE, handler=HANDLER, size=size))
        Queue("incoming").subscribe(slow)

    if fits:
        deploy(program)
    else:
        with pytest.raises(ArgumentsError, match=r"function slow takes 31 s .* is what its"):
            deploy(program)


def test_a_window_the_queue_was_not_made_for_is_refused() -> None:
    with pytest.raises(ArgumentsError, match="window of 200 s"):
        subscribed(Batching(window_seconds=200))


def test_a_batch_over_ten_needs_a_window() -> None:
    with pytest.raises(ArgumentsError, match="window_seconds is 0 for batch_size 11"):
        Batching(batch_size=11)
    Batching(batch_size=10)


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ([{"body": ["a"]}] * 11, "number of filters is 11: allowed is 0 to 10"),
        ([{"body": ["a" * 4_097]}], "characters of a filter is 4111: allowed is 0 to 4,096"),
    ],
)
def test_too_many_or_too_long_filters_are_refused(
    filters: list[dict[str, Any]], message: str
) -> None:
    with pytest.raises(ArgumentsError, match=message):
        Batching(filters=filters)


def test_a_fifo_queue_has_a_fifo_dead_letter_queue() -> None:
    deployment = deployed(fifo=True, content_based_deduplication=True)
    queue = deployment.inputs("queue:Queue", "incoming-queue")
    assert queue["fifoQueue"] is True
    assert queue["contentBasedDeduplication"] is True
    assert queue["fifoThroughputLimit"] == "perMessageGroupId"
    assert deployment.inputs("queue:Queue", "dead-letters-queue")["fifoQueue"] is True


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"content_based_deduplication": True}, "allowed is False unless fifo"),
        ({"fifo": True, "consumer_window_seconds": 1}, "consumer_window_seconds is 1 for a FIFO"),
    ],
)
def test_what_is_only_for_one_kind_of_queue_is_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentsError, match=message):
        QueueArgs(**settings)


def test_a_batch_of_a_fifo_queue_has_at_most_ten() -> None:
    def program() -> None:
        queue = Queue("incoming", QueueArgs(fifo=True))
        queue.subscribe(plain_function(), Batching(batch_size=11, window_seconds=1))

    with pytest.raises(ArgumentsError, match="batch_size is 11 for a FIFO queue"):
        deploy(program)


@pytest.mark.parametrize(
    ("maximum", "message"),
    [
        (1, "maximum_concurrency is 1: allowed is 2 to 1,000"),
        (2, ""),
        (20, ""),
        (21, "maximum_concurrency is 21: allowed is up to the reserved_concurrency of work, 20"),
        (1_001, "maximum_concurrency is 1001: allowed is 2 to 1,000"),
    ],
)
def test_a_subscription_can_be_capped(maximum: int, message: str) -> None:
    def program() -> None:
        size = FunctionSize(reserved_concurrency=20)
        work = Function("work", FunctionArgs(code=CODE, handler=HANDLER, size=size))
        Queue("incoming").subscribe(work, maximum_concurrency=maximum)

    if message:
        with pytest.raises(ArgumentsError) as caught:
            deploy(program)
        assert message in str(caught.value)
    else:
        mapping = deploy(program).inputs("EventSourceMapping")
        assert mapping["scalingConfig"] == {"maximumConcurrency": maximum}


def test_a_receiver_hides_messages_longer_and_deletes_them_but_sends_none() -> None:
    made: list[Link] = []

    def program() -> None:
        made.append(Queue("incoming", QueueArgs(key=key())).receiver())
        made.append(Queue("plain").receiver())

    deploy(program)
    encrypted, plain = made
    assert plain.grants[0].actions == (
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ChangeMessageVisibility",
    )
    assert len(plain.grants) == 1
    assert list(plain.environment) == ["PLAIN_QUEUE_URL"]
    assert encrypted.grants[1].actions == ("kms:Decrypt", "kms:DescribeKey")
