import json

import pytest

from components.core.checks import ArgumentsError
from components.core.links import Link
from components.events.event_bus import EventBus, EventBusArgs, InputTransformer
from components.events.queue import Queue, QueueArgs
from tests.contracts.examples.base import event_bus, key, plain_function
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

    with pytest.raises(
        ArgumentsError, match="all: bus is not among the sources of queue incoming"
    ):
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


def test_events_can_go_on_to_another_bus() -> None:
    def program() -> None:
        EventBus("events").on("all", PATTERN, EventBus("audit"))

    deployment = deploy(program)
    target = deployment.inputs("EventTarget")
    assert target["arn"].endswith(":event-bus/audit-bus")
    assert target["roleArn"].endswith(":role/events-all-role")
    (statement,) = deployment.document("RolePolicy", "events-all-policy")["Statement"]
    assert statement["Action"] == ["events:PutEvents"]
    assert statement["Resource"] == [target["arn"]]


def test_a_fifo_queue_gets_a_rules_events_in_their_order() -> None:
    def program() -> None:
        bus = EventBus("events")
        bus.on("all", PATTERN, Queue("incoming", QueueArgs(sources=[bus], fifo=True)))

    assert deploy(program).inputs("EventTarget")["sqsTarget"] == {"messageGroupId": "all"}


def test_a_target_can_get_something_else_than_the_event() -> None:
    transformer = InputTransformer(template='{"order": <id>}', paths={"id": "$.detail.order_id"})

    def program() -> None:
        EventBus("events").on("all", PATTERN, plain_function(), transformer)

    assert deploy(program).inputs("EventTarget")["inputTransformer"] == {
        "inputTemplate": '{"order": <id>}',
        "inputPaths": {"id": "$.detail.order_id"},
    }


@pytest.mark.parametrize(
    ("template", "paths", "message"),
    [
        ("", {}, "template is '': allowed is 1 to 8,192 characters"),
        ("x" * 8_193, {}, "allowed is 1 to 8,192 characters"),
        ("x", {"id": "detail.id"}, "path id is 'detail.id': allowed is a JSON path"),
        ("x", {f"p{n}": "$" for n in range(101)}, "paths has 101 entries: allowed is 100"),
        ("x", {"AWS.x": "$"}, "path name is 'AWS.x': AWS. is reserved"),
    ],
)
def test_a_transformer_that_eventbridge_refuses_is_refused(
    template: str, paths: dict[str, str], message: str
) -> None:
    with pytest.raises(ArgumentsError) as caught:
        InputTransformer(template=template, paths=paths)
    assert message in str(caught.value)


def test_other_accounts_publish_where_asked() -> None:
    args = EventBusArgs(publisher_accounts=("210987654321",))
    (statement,) = deploy(lambda: EventBus("events", args)).document("EventBusPolicy")["Statement"]
    assert statement["Principal"] == {"AWS": ["210987654321"]}
    assert statement["Action"] == "events:PutEvents"
    with pytest.raises(ArgumentsError, match="publisher account is '1': allowed is 12 digits"):
        EventBusArgs(publisher_accounts=("1",))


def test_schemas_are_discovered_where_asked() -> None:
    deployment = deploy(lambda: EventBus("events", EventBusArgs(discover_schemas=True)))
    assert deployment.inputs("schemas/discoverer:Discoverer")["sourceArn"].endswith("/events-bus")


def test_a_bus_with_a_key_has_no_schemas() -> None:
    with pytest.raises(ArgumentsError, match="discover_schemas is True for a bus with a key"):
        deploy(lambda: EventBusArgs(discover_schemas=True, key=key()))
