"""What the provider does without an emulator, for every type."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2

from local.provider import wire
from local.provider.handler import HANDLERS
from local.provider.names import PROPERTIES
from local.provider.schema import schema, tokens
from tests.local.engine_side import Engine, connected

QUEUE = "aws:sqs/queue:Queue"


def named(token: str) -> set[str]:
    return {PROPERTIES[token]} if token in PROPERTIES else set()


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with connected(None, Path.cwd()) as made:
        yield made


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(tokens()))
def test_every_type_is_checked_and_planned(engine: Engine, token: str) -> None:
    spec = schema(token)
    _, failures = engine.check(token, {"nonsense": 1})
    assert failures.pop("nonsense") == "is not a property of this type"
    # A name that is required elsewhere may be filled in here.
    assert set(failures) - {"name"} == set(spec.required) - {"name", *named(token)}
    inputs, failures = engine.check(token, dict.fromkeys(spec.required, wire.UNKNOWN))
    assert not failures
    planned = engine.plan(token, inputs)
    assert inputs.items() <= planned.items()
    assert all(planned[key] == wire.UNKNOWN for key in spec.computed - {"tagsAll"})


def test_every_handler_is_of_a_type_of_pulumi_aws() -> None:
    assert set(HANDLERS) <= set(tokens())
    for token, handler in HANDLERS.items():
        assert handler.replace <= set(schema(token).inputs), token


@pytest.mark.parametrize(
    ("inputs", "property_", "reason"),
    [
        ({"visibilityTimeoutSeconds": "long"}, "visibilityTimeoutSeconds", "allowed is a int"),
        ({"fifoQueue": "yes"}, "fifoQueue", "allowed is a bool"),
        ({"tags": ["a"]}, "tags", "allowed is an object"),
    ],
)
def test_a_value_of_another_type_is_refused(
    engine: Engine, inputs: dict[str, Any], property_: str, reason: str
) -> None:
    _, failures = engine.check(QUEUE, inputs)
    assert reason in failures[property_]


def test_names_get_a_suffix_and_keep_it(engine: Engine) -> None:
    first, _ = engine.check(QUEUE, {})
    assert first["name"].startswith("thing-")
    assert len(first["name"]) == len("thing-") + 7
    again, _ = engine.check(QUEUE, {"delaySeconds": 1}, first)
    assert again["name"] == first["name"]


def test_a_fifo_queue_is_named_as_sqs_wants_it(engine: Engine) -> None:
    inputs, _ = engine.check(QUEUE, {"fifoQueue": True})
    assert inputs["name"].endswith(".fifo")


def test_a_prefix_begins_the_name(engine: Engine) -> None:
    inputs, _ = engine.check("aws:cloudwatch/logGroup:LogGroup", {"namePrefix": "/aws/x-"})
    assert inputs["name"].startswith("/aws/x-")


def test_a_long_name_is_cut_to_the_types_limit() -> None:
    with connected(None, Path.cwd()) as engine:
        request = provider_pb2.CheckRequest(
            urn="urn:pulumi:local::p::aws:iam/role:Role::x",
            name="x" * 100,
            type="aws:iam/role:Role",
            news=wire.dump({"assumeRolePolicy": "{}"}),
            randomSeed=b"s",
        )
        assert len(wire.load(engine.service.Check(request).inputs)["name"]) == 64


def test_json_that_says_the_same_is_no_change(engine: Engine) -> None:
    olds = {"name": "q", "policy": '{"a": 1, "b": 2}'}
    diff = engine.diff(QUEUE, olds, {**olds, "tagsAll": {}}, {**olds, "policy": '{"b":2,"a":1}'})
    assert diff.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_nothing_can_be_created_without_an_emulator(engine: Engine) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        engine.create(QUEUE, {"name": "q"})
    assert "only plans" in str(caught.value.details())


def test_an_unknown_type_or_function_is_named(engine: Engine) -> None:
    for call in (
        lambda: engine.check("aws:sqs/nothing:Nothing", {}),
        lambda: engine.invoke("aws:sqs/getNothing:getNothing"),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            call()
        assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
        assert "othing" in str(caught.value.details())


def test_account_region_and_zones_are_told(engine: Engine) -> None:
    engine.configure(region="eu-west-1")
    try:
        assert engine.invoke("aws:index/getRegion:getRegion")["region"] == "eu-west-1"
        assert (
            len(engine.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"]) == 12
        )
        assert engine.invoke("aws:index/getPartition:getPartition")["partition"] == "aws"
        zones = engine.invoke("aws:index/getAvailabilityZones:getAvailabilityZones")["names"]
        assert zones == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    finally:
        engine.configure(region="us-east-1")


VALUES = st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
JSON = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from("abcd"), JSON))
def test_property_maps_come_back_from_the_wire_as_they_went(values: dict[str, Any]) -> None:
    assert wire.load(wire.dump(values)) == values
