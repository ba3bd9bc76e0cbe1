"""What Check refuses, and the names that it fills in."""

import re
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from local.provider import wire
from local.provider.schema import schema, tokens
from tests.local.engine_side import Engine

FUNCTION = "aws:lambda/function:Function"
QUEUE = "aws:sqs/queue:Queue"
SERVER = "aws:cognito/resourceServer:ResourceServer"
Modes = provider_pb2.CheckRequest.AutonamingOptions


def used() -> list[str]:
    """Every type that the components make."""
    sources = [path.read_text() for path in Path("components").rglob("*.py")]
    named = {
        (module.rstrip("_"), kind)
        for text in sources
        for module, kind in re.findall(r"aws\.(\w+)\.([A-Z]\w+)\(", text)
    }
    parts = [(token, *re.split("[:/]", token)[1::2]) for token in tokens()]
    return [token for token, module, kind in parts if (module, kind) in named]


@pytest.mark.parametrize("token", used())
def test_every_type_of_the_components_wants_what_it_requires(planner: Engine, token: str) -> None:
    spec = schema(token)
    assert set(planner.check(token, {})[1]) == spec.required
    inputs, failures = planner.check(token, dict.fromkeys(spec.required, wire.UNKNOWN))
    assert not failures
    planned = planner.plan(token, inputs)
    assert {key for key in spec.computed if planned[key] != wire.UNKNOWN} <= {"tagsAll"}


def test_the_components_types_are_found() -> None:
    assert {FUNCTION, QUEUE, "aws:apigatewayv2/stage:Stage"} <= set(used())


@pytest.mark.parametrize(
    ("token", "inputs", "path", "reason"),
    [
        (FUNCTION, {"role": "r", "loggingConfig": {"format": 1}}, "loggingConfig.format", "logG"),
        (FUNCTION, {"role": "r", "layers": "one"}, "layers", "a list"),
        (FUNCTION, {"role": "r", "layers": [{}]}, "layers[0]", "a str"),
        (FUNCTION, {"role": "r", "timeout": True}, "timeout", "a int"),
        (FUNCTION, {"role": "r", "tags": {"a": ["b"]}}, "tags.a", "a str"),
        (
            SERVER,
            {"userPoolId": "p", "identifier": "i", "scopes": [{"scopeName": "read"}]},
            "scopes[0].scopeDescription",
            "is required",
        ),
    ],
)
def test_a_nested_mistake_is_told_by_its_path(
    planner: Engine, token: str, inputs: dict[str, Any], path: str, reason: str
) -> None:
    _, failures = planner.check(token, inputs)
    assert reason in failures[path]


def test_what_is_unknown_inside_an_object_is_no_mistake(planner: Engine) -> None:
    nested = {"logFormat": wire.UNKNOWN}
    unknown = {"timeout": wire.UNKNOWN, "layers": [wire.UNKNOWN], "environment": wire.UNKNOWN}
    inputs = {"role": wire.UNKNOWN, "loggingConfig": nested, **unknown}
    assert not planner.check(FUNCTION, inputs)[1]


def test_a_name_that_a_type_requires_is_not_made_up(planner: Engine) -> None:
    _, failures = planner.check("aws:route53/record:Record", {"type": "A", "zoneId": "z"})
    assert failures == {"name": "is required and was not given"}


def test_a_keys_alias_is_named_as_kms_wants_it(planner: Engine) -> None:
    inputs, _ = planner.check("aws:kms/alias:Alias", {"targetKeyId": "k"})
    assert re.fullmatch(r"alias/thing-[0-9a-f]{7}", inputs["name"])


def wished(engine: Engine, token: str, mode: Any, name: str, **news: Any) -> dict[str, Any]:
    request = provider_pb2.CheckRequest(
        urn=f"urn:pulumi:local::p::{token}::thing",
        name="thing",
        type=token,
        news=wire.dump(news),
        randomSeed=b"s",
        autonaming=Modes(mode=mode, proposed_name=name),
    )
    return wire.load(engine.service.Check(request).inputs)


def test_the_projects_own_way_of_naming_is_kept_to(planner: Engine) -> None:
    assert wished(planner, QUEUE, Modes.PROPOSE, "p-thing")["name"] == "p-thing"
    assert wished(planner, QUEUE, Modes.ENFORCE, "p-thing")["name"] == "p-thing"
    assert "name" not in wished(planner, QUEUE, Modes.DISABLE, "")


def test_a_proposed_name_may_be_made_fit_but_an_enforced_one_not(planner: Engine) -> None:
    for name in ("p", "p.fifo"):
        assert wished(planner, QUEUE, Modes.PROPOSE, name, fifoQueue=True)["name"] == "p.fifo"
    assert len(wished(planner, QUEUE, Modes.PROPOSE, "x" * 99)["name"]) == 80
    assert wished(planner, QUEUE, Modes.ENFORCE, "x" * 99)["name"] == "x" * 99
