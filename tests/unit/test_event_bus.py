import json

import pytest

from components.core.checks import ArgumentsError
from components.core.links import Link
from components.events.event_bus import EventBus, EventBusArgs
from components.events.queue import Queue, QueueArgs
from tests.contracts.examples import event_bus, key, plain_function
from tests.recording import deploy

PATTERN = {"source": ["orders"]}


def test_a_bus_archives_its_events() -> None:
    deployment = deploy(lambda: EventBus("events", EventBusArgs(archive_days=30)))
    archive = deployment.inputs("eventArchive:EventArchive")
    assert archive["retentionDays"] == 30
    assert archive["eventSourceArn"].endswith(":event-bus/events-bus")


def test_a_key_encrypts_bus_and_archive() -> None:
    deployment = deploy(lambda: EventBus("events", EventBusArgs(key=key())))
    arn = deployment.arn("key:Key")
    assert deployment.inputs("eventBus:EventBus")["kmsKeyIdentifier"] == arn
    assert deployment.inputs("EventArchive")["kmsKeyIdentifier"] == arn


def test_a_publisher_puts_events_on_this_bus_only() -> None:
    made: list[Link] = []
    deploy(lambda: made.append(EventBus("events").publisher()))
    (grant,) = made[0].grants
    assert grant.actions == ("events:PutEvents",)
    assert list(made[0].environment) == ["EVENTS_BUS_NAME"]


def test_a_rule_sends_what_matches_and_keeps_what_was_refused() -> None:
    deployment = deploy(event_bus)
    rule = deployment.inputs("EventRule", "events-all-rule")
    assert json.loads(rule["eventPattern"]) == PATTERN
    target = deployment.inputs("EventTarget", "events-all-target")
    assert target["arn"].endswith(":everything-queue")
    assert target["deadLetterConfig"]["arn"].endswith(":events-all-failures-queue")
    assert target["retryPolicy"] == {
        "maximumEventAgeInSeconds": 86_400,
        "maximumRetryAttempts": 185,
    }


def test_the_queue_of_a_rules_failures_takes_them_from_that_rule_only() -> None:
    policy = deploy(event_bus).document("QueuePolicy", "events-all-failures-policy")
    condition = policy["Statement"][1]["Condition"]["ArnLike"]["aws:SourceArn"]
    assert condition.endswith(":rule/events-bus-1234567/events-all-rule")


def test_a_rule_invokes_the_functions_alias_with_its_permission() -> None:
    deployment = deploy(event_bus)
    assert deployment.inputs("EventTarget", "placed-target")["arn"].endswith(":live")
    permission = deployment.inputs("permission:Permission")
    assert permission["principal"] == "events.amazonaws.com"
    assert permission["sourceArn"].endswith("/events-placed-rule")


def test_a_queue_that_does_not_know_the_bus_is_refused() -> None:
    def program() -> None:
        EventBus("events").on("all", PATTERN, Queue("incoming"))

    with pytest.raises(ArgumentsError, match="incoming does not have bus events in its sources"):
        deploy(program)


@pytest.mark.parametrize(("length", "fits"), [(4_080, True), (4_081, False)])
def test_a_pattern_has_at_most_4096_characters(length: int, fits: bool) -> None:
    pattern = {"source": ["o" * length]}
    assert len(json.dumps(pattern)) == length + 16

    def program() -> None:
        EventBus("events").on("all", pattern, plain_function())

    if fits:
        deploy(program)
    else:
        with pytest.raises(ArgumentsError, match="characters of the pattern is 4097"):
            deploy(program)


def test_an_empty_pattern_is_refused() -> None:
    with pytest.raises(ArgumentsError, match="characters of the pattern is 2: allowed is 3 to"):
        deploy(lambda: EventBus("events").on("all", {}, plain_function()))


def test_two_rules_may_share_a_queue() -> None:
    def program() -> None:
        bus = EventBus("events")
        queue = Queue("incoming", QueueArgs(sources=[bus]))
        bus.on("first", PATTERN, queue)
        bus.on("second", PATTERN, queue)

    assert len(deploy(program).all("EventTarget")) == 2
