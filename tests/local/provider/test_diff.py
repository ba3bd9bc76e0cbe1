"""What is a change, what a change replaces, and what a preview of it can tell."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2

from local.provider import compare, wire
from tests.local.engine_side import Engine
from tests.local.provider.made import Made
from tests.local.world import OTHER_ZIP, ZIP

QUEUE = "aws:sqs/queue:Queue"
ROLE = "aws:iam/role:Role"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
FUNCTION = "aws:lambda/function:Function"


def changes(engine: Engine, token: str, olds: Any, news: Any) -> list[str]:
    return list(engine.diff(token, olds, {**olds, "tagsAll": {}}, news).diffs)


@pytest.mark.parametrize(
    ("token", "olds", "news"),
    [
        (QUEUE, {"delaySeconds": "30"}, {"delaySeconds": 30}),
        (QUEUE, {"fifoQueue": "true"}, {"fifoQueue": True}),
        (QUEUE, {"policy": '{"a": "1"}'}, {"policy": ' {"a":1}'}),
        (
            MAPPING,
            {"filterCriteria": {"filters": [{"pattern": '{"a": [1]}'}]}},
            {"filterCriteria": {"filters": [{"pattern": '{"a":[1]}'}]}},
        ),
    ],
)
def test_what_means_the_same_is_no_change(
    planner: Engine, token: str, olds: Any, news: Any
) -> None:
    assert changes(planner, token, olds, news) == []


@pytest.mark.parametrize(
    ("olds", "news"),
    [
        ({"delaySeconds": 30}, {"delaySeconds": 31}),
        ({"fifoQueue": True}, {"fifoQueue": False}),
        ({"policy": '{"a": [1, 2]}'}, {"policy": '{"a": [2, 1]}'}),
        ({"policy": "{"}, {"policy": "{ "}),
    ],
)
def test_what_means_another_thing_is_a_change(planner: Engine, olds: Any, news: Any) -> None:
    assert changes(planner, QUEUE, olds, news) == [*olds]


@pytest.mark.parametrize(
    ("names", "first"),
    [
        # The engine asks for another name, so the new one stands before the old one goes.
        ({"name": "thing-0123abc"}, False),
        ({"name": "pre-0123abc", "namePrefix": "pre-"}, False),
        ({"name": "given"}, True),
    ],
)
def test_what_is_replaced_goes_first_only_where_its_name_stays(
    planner: Engine, names: dict[str, str], first: bool
) -> None:
    olds = {"assumeRolePolicy": "{}", **names}
    diff = planner.diff(ROLE, olds, olds, {**olds, "path": "/other/"})
    assert list(diff.replaces) == ["path"]
    assert diff.deleteBeforeReplace is first


def test_a_layers_next_version_comes_before_the_last_one_goes(planner: Engine) -> None:
    olds = {"layerName": "libraries", "code": ZIP}
    layer = "aws:lambda/layerVersion:LayerVersion"
    diff = planner.diff(layer, olds, olds, {**olds, "code": OTHER_ZIP})
    assert list(diff.replaces) == ["code"]
    assert not diff.deleteBeforeReplace


def test_kinds_of_changes_are_told(planner: Engine) -> None:
    olds, news = {"name": "q", "delaySeconds": 1}, {"name": "q", "fifoQueue": True}
    diff = planner.diff(QUEUE, olds, {**olds, "tagsAll": {}}, news)
    kinds = {key: each.kind for key, each in diff.detailedDiff.items()}
    kind = provider_pb2.PropertyDiff
    assert kinds == {"delaySeconds": kind.DELETE, "fifoQueue": kind.ADD_REPLACE}


def test_tags_may_be_unknown(planner: Engine) -> None:
    inputs = {"name": "q", "tags": wire.UNKNOWN}
    assert planner.plan(QUEUE, inputs)["tagsAll"] == wire.UNKNOWN
    assert changes(planner, QUEUE, {"name": "q"}, inputs) == ["tags", "tagsAll"]
    one = {"name": "q", "tags": {"a": wire.UNKNOWN}}
    assert planner.plan(QUEUE, one)["tagsAll"] == {"a": wire.UNKNOWN}


@pytest.fixture
def unknown_default_tags(planner: Engine) -> Iterator[None]:
    planner.configure(region="us-east-1", defaultTags=wire.UNKNOWN)
    yield
    planner.configure(region="us-east-1", defaultTags='{"tags": {}}')


@pytest.mark.usefixtures("unknown_default_tags")
def test_default_tags_may_be_unknown(planner: Engine) -> None:
    assert planner.plan(QUEUE, {"name": "q"})["tagsAll"] == wire.UNKNOWN


STATE = {
    "arn": "a",
    "version": "1",
    "qualifiedArn": "a:1",
    "codeSha256": "c",
    "lastModified": "t",
    "qualifiedInvokeArn": "i:1",
    "invokeArn": "i",
}
VERSIONED = {"version", "qualifiedArn", "qualifiedInvokeArn", "lastModified"}


@pytest.mark.parametrize(
    ("change", "unknown"),
    [
        ({"tags": {"a": "b"}}, set()),
        ({"memorySize": 256}, VERSIONED),
        ({"code": OTHER_ZIP}, VERSIONED | {"codeSha256"}),
    ],
)
def test_a_preview_tells_that_a_function_gets_another_version(
    planner: Engine, change: dict[str, Any], unknown: set[str]
) -> None:
    inputs = {"name": "f", "role": "r", "publish": True, "code": ZIP, "memorySize": 128}
    planned = Made(planner, FUNCTION, "f", {**inputs, **STATE}, inputs).plan(**change)
    assert {key for key in STATE if planned[key] == wire.UNKNOWN} == unknown
    assert all(planned[key] == STATE[key] for key in STATE.keys() - unknown)


def test_a_preview_of_a_change_makes_no_output_of_what_has_none(planner: Engine) -> None:
    inputs = {"name": "f", "role": "r", "code": ZIP}
    planned = Made(planner, FUNCTION, "f", {**inputs, "arn": "a"}, inputs).plan(timeout=9)
    assert planned["arn"] == "a"
    assert "signingJobArn" not in planned


SCALARS = st.booleans() | st.integers() | st.text(max_size=5)
INPUTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(INPUTS)
def test_what_was_given_has_not_drifted_from_itself(value: Any) -> None:
    assert compare.same(value, value)
    assert compare.as_given(value, value) is value


@given(st.lists(SCALARS, max_size=5))
def test_order_is_no_drift_but_another_element_is(values: list[Any]) -> None:
    assert compare.as_given(values, values[::-1]) == values
    assert compare.as_given(values, [*values, "another"]) == [*values, "another"]


def test_each_element_has_a_match_of_its_own() -> None:
    assert compare.as_given(["a", "a"], ["a", "b"]) == ["a", "b"]
