"""Every state machine of the examples and the stages is what AWS takes, as others tell."""

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.core.checks import ArgumentsError
from components.workflow.definition import definition
from components.workflow.errors import Catch, Retry
from components.workflow.flow import Choice, Fail, Pass, Succeed, Wait, When
from components.workflow.groups import Map, Parallel
from components.workflow.state import State
from components.workflow.workflow_args import WorkflowArgs
from tests.asl import asl_mistakes
from tests.contracts.examples import EXAMPLES
from tests.contracts.stages import STAGES, deploy_stage
from tests.recording import Deployment, deploy

MACHINE = "aws:sfn/stateMachine:StateMachine"


def definitions(deployment: Deployment) -> list[dict[str, Any]]:
    return [json.loads(each.inputs["definition"]) for each in deployment.all(MACHINE)]


def good() -> dict[str, Any]:
    found = definitions(deploy(next(v for k, v in EXAMPLES.items() if k.__name__ == "Workflow")))
    return next(each for each in found if "Check" in each["States"])


@pytest.mark.parametrize("component", EXAMPLES, ids=lambda cls: cls.__name__)
def test_the_machines_of_an_example_are_valid(component: type) -> None:
    for each in definitions(deploy(EXAMPLES[component])):
        assert asl_mistakes(each) == []


@pytest.mark.parametrize("stage", STAGES)
def test_the_machines_of_a_stage_are_valid(stage: str) -> None:
    for each in definitions(deploy_stage(stage)):
        assert asl_mistakes(each) == []


@pytest.mark.parametrize("component", EXAMPLES, ids=lambda cls: cls.__name__)
def test_functions_and_workflows_are_called_by_their_alias_only(component: type) -> None:
    deployment = deploy(EXAMPLES[component])
    for each in deployment.all("cloudwatch/eventTarget:EventTarget"):
        assert ":stateMachine:" not in each.inputs["arn"] or each.inputs["arn"].endswith(":live")
    for machine in deployment.all(MACHINE):
        called = re.findall(
            r'"(?:FunctionName|StateMachineArn)": "([^"]+)"', machine.inputs["definition"]
        )
        assert all(arn.endswith(":live") for arn in called)


Break = Callable[[dict[str, Any]], Any]
BROKEN: dict[str, Break] = {
    "a start that is not there": lambda m: m.update(StartAt="nowhere"),
    "a next that is not there": lambda m: m["States"]["Begin"].update(Next="nowhere"),
    "a catch that leads nowhere": lambda m: m["States"]["Check"]["Catch"][0].update(Next="no"),
    "no end": lambda m: m["States"]["Begin"].pop("Next"),
    "an unknown type": lambda m: m["States"]["Begin"].update(Type="Pas"),
    "a field of JSONPath": lambda m: m["States"]["Begin"].update(Parameters={}),
    "an unknown field": lambda m: m["States"]["Begin"].update(Bogus=1),
    "no resource": lambda m: m["States"]["Check"].pop("Resource"),
    "no branches": lambda m: m["States"]["Tell all"].pop("Branches"),
    "no condition": lambda m: m["States"]["There?"]["Choices"][0].pop("Condition"),
    "attempts in words": lambda m: m["States"]["Check"]["Retry"][0].update(MaxAttempts="x"),
    "a shrinking delay": lambda m: m["States"]["Check"]["Retry"][0].update(BackoffRate=0.5),
    "another jitter": lambda m: m["States"]["Check"]["Retry"][0].update(JitterStrategy="SOME"),
    "a timeout before it began": lambda m: m["States"]["Check"].update(TimeoutSeconds=-1),
    "a way on from the end": lambda m: m["States"]["Done"].update(Next="Begin"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_seen(name: str) -> None:
    broken = copy.deepcopy(good())
    BROKEN[name](broken)
    assert asl_mistakes(broken)


NAMES = st.sampled_from(["A", "B", "C", "D", "E", "F"])
ERRORS = st.lists(st.sampled_from(["States.ALL", "States.Timeout", "OwnError"]), max_size=2)
# Of JSON, cfn-lint knows texts and objects only as outputs.
VALUES = st.sampled_from([None, "text", "{% $states.input %}", {"a": ["{% $now() %}"]}])
ON: dict[str, Any] = {"next": st.none() | NAMES, "end": st.booleans(), "output": VALUES}
RETRIES = st.lists(st.builds(Retry, errors=ERRORS), max_size=2)
CATCHES = st.lists(st.builds(Catch, errors=ERRORS, next=NAMES, output=VALUES), max_size=2)
CHOICES = st.lists(
    st.builds(When, condition=st.just("{% true %}"), next=NAMES, output=VALUES), max_size=2
)


def valid(make: Callable[..., State]) -> Callable[..., State | None]:
    def made(**fields: Any) -> State | None:
        try:
            return make(fields.pop("name"), **fields)
        except ArgumentsError:
            return None

    return made


def several(one: st.SearchStrategy[Any]) -> st.SearchStrategy[list[State]]:
    return st.lists(one, min_size=1, max_size=4).map(
        lambda found: [each for each in found if each]
    )


LEAVES = st.one_of(
    st.builds(valid(Pass), name=NAMES, **ON),
    st.builds(valid(Wait), name=NAMES, seconds=st.just(1), **ON),
    st.builds(valid(Choice), name=NAMES, choices=CHOICES, default=st.none() | NAMES),
    st.builds(valid(Succeed), name=NAMES, output=VALUES),
    st.builds(valid(Fail), name=NAMES, error=st.just("OwnError")),
)
STATES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            valid(Parallel),
            name=NAMES,
            branches=st.lists(several(inner), max_size=2),
            retry=RETRIES,
            catch=CATCHES,
            **ON,
        ),
        st.builds(valid(Map), name=NAMES, states=several(inner), catch=CATCHES, **ON),
    ),
    max_leaves=6,
)


# One in ten is let through.
@settings(max_examples=300)
@given(states=several(STATES))
def test_what_we_let_through_others_let_through(states: list[State]) -> None:
    try:
        WorkflowArgs(states=states)
    except ArgumentsError:
        return
    assert asl_mistakes(json.loads(json.dumps(definition(states)))) == []
