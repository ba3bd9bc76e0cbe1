"""What Step Functions would refuse, or never finish, is refused before it is deployed."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from components.core.checks import ArgumentsError
from components.workflow.distributed_map import DistributedMap
from components.workflow.errors import Catch, Retry
from components.workflow.flow import Choice, Fail, Pass, Succeed, Wait, When
from components.workflow.groups import Map, Parallel
from components.workflow.invoke_function import InvokeFunction
from components.workflow.message_tasks import Event, PutEvents, SendMessage
from components.workflow.state import State
from components.workflow.table_tasks import GetItem
from components.workflow.task import CallService
from components.workflow.workflow_args import WorkflowArgs

ANY: Any = SimpleNamespace(
    name="any",
    url="u",
    arn="a",
    target=SimpleNamespace(arn="a"),
    args=SimpleNamespace(fifo=False, express=False),
)
FIFO: Any = SimpleNamespace(url="u", args=SimpleNamespace(fifo=True))
TOKEN: Any = {"function": ANY, "wait_for_task_token": True}


def refused(make: Callable[[], object]) -> str:
    with pytest.raises(ArgumentsError) as caught:
        make()
    return str(caught.value)


def choice(*names: str, default: str | None = None) -> Choice:
    return Choice(
        "where", choices=[When(condition="{% true %}", next=n) for n in names], default=default
    )


MACHINES: list[tuple[Sequence[State], str]] = [
    ([Pass("a", next="b")], "a: next leads to 'b': allowed is one of ['a']"),
    ([choice("b", default="where")], "where: choice {% true %} leads to 'b': allowed is one of"),
    ([choice("where", default="b")], "where: default leads to 'b': allowed is one of ['where']"),
    (
        [Parallel("a", branches=[[Pass("b")]], catch=[Catch(errors=["E"], next="b")])],
        "a: catch E leads to 'b': allowed is one of ['a']",
    ),
    (
        [Map("a", states=[Pass("b", next="c")]), Pass("c")],
        "b: next leads to 'c': allowed is one of ['b']",
    ),
    ([Pass("a"), Pass("a")], "2 states are named 'a': allowed is each name once"),
    (
        [Parallel("a", branches=[[Pass("b")], [Pass("b")]])],
        "2 states are named 'b': allowed is each name once",
    ),
    (
        [Pass("a", end=True), Pass("b")],
        "b is never reached: allowed is a state that another leads to",
    ),
    ([Succeed("a"), Pass("b")], "b is never reached"),
    ([choice("b", default="b"), Pass("c"), Pass("b")], "c is never reached"),
    ([Pass("a"), Pass("b", next="a")], "states never ends: allowed is a way to Succeed, Fail"),
    ([Map("a", states=[choice("where")])], "states of a never ends"),
    ([Map("a", states=[])], "states of a is empty: allowed is one state or more"),
    ([Parallel("a", branches=[[Pass("b")], []])], "branch 2 of a is empty"),
    ([Pass("a", output="{% $b %}")], "a: variable 'b' is never assigned: allowed is none yet"),
    (
        [Pass("a", assign={"b": 1}), Pass("c", output=["{% $d %}"])],
        "c: variable 'd' is never assigned: allowed is b",
    ),
    (
        [Map("a", states=[Pass("b", assign={"c": 1})]), Pass("d", output="{% $c %}")],
        "d: variable 'c' is never assigned",
    ),
    (
        [Pass("a", assign={"b": 1}), Map("c", states=[Pass("d", assign={"b": 2})])],
        "d: variable 'b' is assigned outside: allowed is another name",
    ),
    (
        [
            Pass("a", assign={"b": 1}),
            DistributedMap("c", states=[Pass("d", output="{% $b %}")]),
        ],
        "d: variable 'b' is never assigned",
    ),
]


@pytest.mark.parametrize(("states", "message"), MACHINES, ids=[each[1] for each in MACHINES])
def test_states_that_do_not_fit_are_refused(states: Sequence[State], message: str) -> None:
    assert message in refused(lambda: WorkflowArgs(states=states))


STATES: list[tuple[Callable[[], object], str]] = [
    (lambda: Pass(""), "name of a state is '': allowed is 1 to 80 characters"),
    (lambda: Pass("x" * 81), "allowed is 1 to 80 characters"),
    (lambda: Pass("a", next="b", end=True), "a: next is 'b' with end: allowed is None"),
    (lambda: Pass("a", output="{% ( %}"), "a: output is '{% ( %}': allowed is JSONata"),
    (lambda: Pass("a", assign={"b": "{% ( %}"}), "a: assign.b is '{% ( %}': allowed is JSONata"),
    (lambda: Pass("a", assign={"states": 1}), "a: variable is 'states': allowed is 1 to 80"),
    (lambda: Pass("a", assign={"1": 1}), "a: variable is '1': allowed is 1 to 80 letters"),
    (lambda: Pass("a", assign={"b" * 81: 1}), "allowed is 1 to 80 letters"),
    (lambda: Wait("a"), "a: seconds, seconds_from and until are (None, None, None): allowed is"),
    (lambda: Wait("a", seconds=1, until="2030-01-01T00:00:00Z"), "allowed is one of them"),
    (lambda: Wait("a", seconds_from="5"), "a: seconds_from is '5': allowed is {% expression %}"),
    (lambda: Wait("a", until="{% ( %}"), "a: time[1] is '{% ( %}': allowed is JSONata"),
    (lambda: Choice("a", choices=[]), "a: choices is empty: allowed is one choice or more"),
    (
        lambda: Choice("a", choices=[When(condition="true", next="a")]),
        "a: condition of choice 1 is 'true': allowed is {% expression %}",
    ),
    (
        lambda: Choice("a", choices=[When(condition="{% ( %}", next="a")]),
        "a: condition of choice 1 is '{% ( %}': allowed is JSONata",
    ),
    (lambda: Fail("a", error="{% ( %}"), "a: fail.error is '{% ( %}': allowed is JSONata"),
    (lambda: Succeed("a", output="{% ( %}"), "a: output is '{% ( %}': allowed is JSONata"),
    (lambda: Parallel("a", branches=[]), "a: branches is empty: allowed is one branch or more"),
    (
        lambda: Map("a", states=[], items="x"),
        "a: items is 'x': allowed is a list or an expression",
    ),
    (lambda: Map("a", states=[], item_selector="{% ("), "a: item_selector is '{% (': allowed is"),
    (
        lambda: Retry(errors=["E"], interval_seconds=5, max_delay_seconds=5),
        "max_delay_seconds is 5: allowed is more than interval_seconds, 5",
    ),
]
# Errors, of a retry or of a catch.
ERRORS: list[tuple[list[list[str]], str]] = [
    ([[]], "1 has no errors: allowed is one or more"),
    ([["States.Typo"]], "is 'States.Typo': allowed is 'States.ALL', 'States.BranchFailed'"),
    ([["States.ALL", "E"]], "are ['States.ALL', 'E']: allowed is States.ALL alone"),
    ([["States.ALL"], ["E"]], "1 has States.ALL: allowed is that for the last"),
]
TASKS: list[tuple[Callable[[], object], str]] = [
    (lambda: InvokeFunction("a", **TOKEN), "a: timeout_seconds is None for a task that waits"),
    (
        lambda: InvokeFunction("a", timeout_seconds=9, heartbeat_seconds=9, **TOKEN),
        "a: heartbeat_seconds is 9: allowed is less than timeout_seconds, 9",
    ),
    (
        lambda: InvokeFunction("a", function=ANY, heartbeat_seconds=9),
        "a: heartbeat_seconds is given without wait_for_task_token: allowed is None",
    ),
    (
        lambda: InvokeFunction("a", function=ANY, payload={"b": "{% ( %}"}),
        "a: arguments.Payload.b is '{% ( %}': allowed is JSONata",
    ),
    (
        lambda: GetItem("a", table=ANY, key={}, request={"TableName": "b"}),
        "a: member of request is 'TableName': allowed is 'ExpressionAttributeNames'",
    ),
    (
        lambda: SendMessage(
            "a", queue=ANY, message="", attributes=dict.fromkeys("abcdefghijk", "v")
        ),
        "a: number of attributes is 11: allowed is 0 to 10",
    ),
    (
        lambda: SendMessage("a", queue=ANY, message="", group_id="g"),
        "a: group_id and deduplication_id are ['g'] for what is not FIFO: allowed is None",
    ),
    (lambda: SendMessage("a", queue=FIFO, message=""), "a: group_id is None: allowed is a text"),
    (lambda: PutEvents("a", bus=ANY, events=[]), "a: number of events is 0: allowed is 1 to 10"),
    (
        lambda: PutEvents(
            "a", bus=ANY, events=[Event(source="s", detail_type="t", detail={})] * 11
        ),
        "a: number of events is 11: allowed is 1 to 10",
    ),
    (
        lambda: CallService("a", service="S3", action="getObject", permissions=[]),
        "a: service is 'S3': allowed is lower-case letters",
    ),
    (
        lambda: CallService("a", service="s3", action="GetObject", permissions=[]),
        "a: action is 'GetObject': allowed is camelCase",
    ),
]


@pytest.mark.parametrize(("make", "message"), STATES + TASKS)
def test_a_state_that_is_wrong_by_itself_is_refused(
    make: Callable[[], object], message: str
) -> None:
    assert message in refused(make)


@pytest.mark.parametrize(("groups", "message"), ERRORS)
def test_errors_that_do_not_exist_or_would_never_match_are_refused(
    groups: list[list[str]], message: str
) -> None:
    retry = [Retry(errors=each) for each in groups]
    assert f"retry {message}" in refused(
        lambda: Parallel("a", branches=[[]], retry=retry)
    ).replace("error of retry", "retry").replace("errors of retry", "retry")
    catch = [Catch(errors=each, next="b") for each in groups]
    assert f"catch {message}" in refused(
        lambda: Parallel("a", branches=[[]], catch=catch)
    ).replace("error of catch", "catch").replace("errors of catch", "catch")


@pytest.mark.parametrize("size", [1, 80])
def test_a_name_has_up_to_80_characters(size: int) -> None:
    assert WorkflowArgs(states=[Pass("x" * size)]).states[0].name == "x" * size


def test_a_definition_has_at_most_a_mebibyte() -> None:
    def sized(length: int) -> WorkflowArgs:
        return WorkflowArgs(states=[Pass("a", output="x" * length)])

    small = len('{"QueryLanguage": "JSONata", "StartAt": "a", "States": {"a": {"Type": "Pass", ')
    small += len('"Output": "", "End": true}}}')
    sized(1_048_576 - small)
    said = refused(lambda: sized(1_048_577 - small))
    assert said == "bytes of the definition is 1048577: allowed is 1 to 1,048,576"


def test_no_states_are_refused() -> None:
    said = refused(WorkflowArgs)
    assert said == "states has 0 entries and definition_file is None: allowed is one of them"


EXPRESS: list[tuple[State, str]] = [
    (InvokeFunction("a", timeout_seconds=9, **TOKEN), "a: wait_for_task_token in an EXPRESS"),
    (DistributedMap("a", states=[Pass("b")]), "a: a distributed map in an EXPRESS"),
    (
        Map("m", states=[InvokeFunction("a", timeout_seconds=9, **TOKEN)]),
        "a: wait_for_task_token in an EXPRESS workflow: allowed is a STANDARD one",
    ),
]


@pytest.mark.parametrize(("state", "message"), EXPRESS)
def test_an_express_workflow_waits_for_nothing(state: State, message: str) -> None:
    WorkflowArgs(states=[state])
    assert message in refused(lambda: WorkflowArgs(states=[state], type="EXPRESS"))


def test_an_express_workflow_takes_five_minutes() -> None:
    states = [Pass("a")]
    WorkflowArgs(states=states, type="EXPRESS", timeout_seconds=300)
    said = refused(lambda: WorkflowArgs(states=states, type="EXPRESS", timeout_seconds=301))
    assert said == "timeout_seconds is 301 for EXPRESS: allowed is 1 to 300"
