"""The genuine engine's plan of each stage: a change of it shows in review."""

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from local.engine.plan import Plan, Step, plan
from local.provider.wire import UNKNOWN

pytestmark = pytest.mark.local
STAGES = ("local", "dev", "prod")
SUFFIX = re.compile(r"-[0-9a-f]{7}(?=\b|\.fifo)")
PACKAGE = re.compile(r"-[0-9a-f]{16}\.zip")


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    return {stage: plan(stage, report=lambda _: None) for stage in STAGES}


def masked(value: Any) -> Any:
    """Return an input without what differs from run to run, with JSON documents parsed."""
    if isinstance(value, dict):
        return {k: masked(v) for k, v in value.items() if not k.startswith("__") and k != "hash"}
    if isinstance(value, list):
        return [masked(each) for each in value]
    if value == UNKNOWN:
        return "(unknown)"
    if isinstance(value, str) and value[:1] in ("{", "["):
        return masked(json.loads(value))
    if isinstance(value, str):
        return PACKAGE.sub("-….zip", SUFFIX.sub("-…", value))
    return value


def described(step: Step) -> dict[str, Any]:
    inputs = {k: v for k, v in step.inputs.items() if not k.startswith("__")}
    return {"op": step.op, "parent": step.parent, "inputs": masked(inputs)}


@pytest.mark.parametrize("stage", STAGES)
def test_the_plan_of_a_stage_is_as_reviewed(
    stage: str, plans: dict[str, Plan], snapshot: SnapshotAssertion
) -> None:
    steps = {f"{step.type} {step.name}": described(step) for step in plans[stage].steps}
    golden = snapshot.use_extension(JSONSnapshotExtension)(name=stage)
    assert dict(sorted(steps.items())) == golden


def names(planned: Plan) -> set[str]:
    return {f"{step.type.split(':')[-1]} {step.name}" for step in planned.steps}


def test_dev_and_prod_differ_as_their_settings_say(plans: dict[str, Plan]) -> None:
    dev, prod = names(plans["dev"]), names(plans["prod"])
    tap = {name for name in dev if re.search(r"events-tap|orders-tap", name)}
    key = {"EncryptionKey orders", "Key orders-key", "Alias orders-alias"}
    warm = {
        f"ProvisionedConcurrencyConfig {name}-provisioned"
        for name in ("place-order", "get-order", "list-orders")
    }
    scaling = {name for name in prod if re.match(r"(Target|Policy|ScheduledAction) ", name)}
    access_logs = {name for name in prod if re.search(r" uploads-log(s|ging)", name)}
    releases = {name for name in prod if re.search(r"-release(-|$)", name)}
    instances = {name for name in prod if re.search(r" (analytics(-|$)|aggregate-orders-)", name)}
    public = {name for name in dev if re.search(r" orders-(public|internet|work-to)", name)}
    private = {name for name in prod if re.search(r" orders-(private|endpoints|work-to)", name)}
    endpoints = {name for name in prod if re.match(r"(Vpc)?Endpoints? ", name)}
    # The first task of none is woken; where there always is one, none is.
    wake = {name for name in dev if " importer-wake" in name}
    default = {"Function aggregate-orders-function"}
    assert dev - prod == tap | public | wake | default
    scaling -= prod & dev
    assert prod - dev == (
        key | warm | scaling | access_logs | releases | (instances - dev) | private | endpoints
    )
    scaled = {name.split(" ")[1].rsplit("-", 1)[0] for name in scaling}
    assert scaled == {
        "get-order-provisioned",
        "list-orders-provisioned",
        "orders-index-by-customer-read",
        "orders-index-by-customer-write",
        "orders-index-by-open-read",
        "orders-index-by-open-write",
        "orders-table-read",
        "orders-table-write",
        "place-order-day",
        "place-order-night",
        "place-order-provisioned",
    }


def test_everything_of_a_stage_carries_its_tags(plans: dict[str, Plan]) -> None:
    for stage, planned in plans.items():
        (provider,) = [s for s in planned.steps if s.type == "pulumi:providers:aws"]
        tags = json.loads(provider.inputs["defaultTags"])["tags"]
        assert tags["stage"] == stage
        assert set(tags) == {"project", "stage", "owner", "cost-center"}


def test_two_plans_are_the_same(plans: dict[str, Plan]) -> None:
    again = plan("dev", report=lambda _: None)
    assert {s.urn: described(s) for s in again.steps} == {
        s.urn: described(s) for s in plans["dev"].steps
    }
