import functools
import json
import runpy
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import settings
from settings import Settings, Stage, parse
from tests.recording import Deployment, deploy

STAGES = ("local", "dev", "prod")
REQUIRED = {"owner": "team", "cost_center": "1"}


def config(stage: str) -> dict[str, Any]:
    content = yaml.safe_load(Path(f"Pulumi.{stage}.yaml").read_text())
    return {"region": content["config"]["aws:region"], **content["config"]["toolkit:settings"]}


def deployed(given: Any, region: str = "eu-central-1") -> Deployment:
    return _deployed(json.dumps(given), region)


@functools.cache
def _deployed(given: str, region: str) -> Deployment:
    return deploy(
        lambda: runpy.run_path("__main__.py") and None,
        stack="dev",
        config={"aws:region": region, "toolkit:settings": given},
    )


def refusal(given: Any) -> list[str]:
    with pytest.raises(pulumi.RunError) as caught:
        parse(given)
    first, *lines = str(caught.value).splitlines()
    assert first == "toolkit:settings of this stage has mistakes:"
    return [line.strip() for line in lines]


@pytest.mark.parametrize("stage", STAGES)
def test_the_settings_of_each_stage_are_valid(stage: str) -> None:
    given = config(stage)
    given.pop("region")
    assert parse(given).owner


def test_each_mistake_has_a_line_with_key_given_and_allowed() -> None:
    given = {
        "owner": 1,
        "functions": {"place_order": {"memory_mb": 64, "timeout_secnds": 3}},
        "orders_table": {"mode": "provisioned", "read_units": 1},
        "logs": {"level": "LOUD"},
        "api_throttle": {"rate": "5"},
        "colour": "red",
    }
    assert sorted(refusal(given)) == [
        "api_throttle.rate is '5': allowed is a valid integer",
        "colour is 'red': allowed is no such key",
        "cost_center is not given: allowed is a value of its own for each stage",
        "functions.place_order.memory_mb is 64: allowed is greater than or equal to 128",
        "functions.place_order.timeout_secnds is 3: allowed is no such key",
        "logs.level is 'LOUD': allowed is 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR' or 'FATAL'",
        "orders_table.write_units is not given for mode provisioned: allowed is 1 to 40,000",
        "owner is 1: allowed is a valid string",
    ]


def test_settings_that_are_no_object_are_refused() -> None:
    assert refusal([]) == ["toolkit:settings is []: allowed is an object"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(Settings.model_fields)), JSON)
def test_any_value_is_either_taken_or_refused_by_its_key(key: str, value: Any) -> None:
    said = ""
    try:
        parse({**REQUIRED, key: value})
    except pulumi.RunError as error:
        said = str(error)
    assert not said or f"\n  {key}" in said


@given(
    st.text(st.characters(categories=["L", "N", "P"])).filter(
        lambda key: key not in Settings.model_fields
    )
)
def test_an_unknown_key_is_always_refused(key: str) -> None:
    assert refusal({**REQUIRED, key: 1})[0].endswith("is 1: allowed is no such key")


def test_a_mistake_stops_the_program_before_any_resource() -> None:
    with pytest.raises(pulumi.RunError, match="owner is not given"):
        deployed({"cost_center": "1"})


def test_a_stage_needs_a_region() -> None:
    with pytest.raises(pulumi.RunError, match="aws:region is not given"):
        deployed(REQUIRED, region="")


def test_the_stage_is_the_stack() -> None:
    loaded: list[Stage] = []
    deploy(
        lambda: loaded.append(Stage.load()),
        stack="dev",
        config={"aws:region": "eu-west-1", "toolkit:settings": json.dumps(REQUIRED)},
    )
    assert (loaded[0].name, loaded[0].region) == ("dev", "eu-west-1")


def test_settings_cannot_change_while_the_program_runs() -> None:
    with pytest.raises(ValueError, match="frozen"):
        parse(REQUIRED).protect = True  # type: ignore[misc]


def test_the_committed_schema_is_the_one_of_the_settings() -> None:
    assert json.loads(Path("settings.schema.json").read_text()) == settings.schema()


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_file_names_the_schema(stage: str) -> None:
    first = Path(f"Pulumi.{stage}.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=settings.schema.json"


def test_protection_reaches_every_data_store() -> None:
    protected = {
        each.type for each in deployed({**REQUIRED, "protect": True}).resources if each.protect
    }
    assert protected == {
        "aws:cognito/userPool:UserPool",
        "aws:dynamodb/table:Table",
        "aws:s3/bucket:Bucket",
    }


def test_every_resource_is_made_by_the_stages_provider() -> None:
    for each in deployed(REQUIRED).resources:
        if each.custom and each.type != "pulumi:providers:aws":
            assert "::aws::" in each.provider
    provider = deployed(REQUIRED).inputs("pulumi:providers:aws")
    assert json.loads(provider["defaultTags"])["tags"]["stage"] == "dev"


def test_the_tap_is_only_where_asked() -> None:
    def taps(**settings: bool) -> list[str]:
        queues = deployed({**REQUIRED, **settings}).all("sqs/queue:Queue")
        return [each.name for each in queues if each.name == "events-tap-queue"]

    assert not taps()
    assert taps(events_tap=True)


def test_a_customer_managed_key_encrypts_all_that_rests() -> None:
    deployment = deployed({**REQUIRED, "customer_managed_key": True, "events_tap": True})
    arn = deployment.arn("kms/key:Key")
    wanted = {
        "sqs/queue:Queue": "kmsMasterKeyId",
        "logGroup:LogGroup": "kmsKeyId",
        "function:Function": "kmsKeyArn",
        "EventBus": "kmsKeyIdentifier",
        "EventArchive": "kmsKeyIdentifier",
    }
    for type_, key in wanted.items():
        found = [each for each in deployment.all(type_) if each.custom]
        assert found
        assert {each.inputs.get(key) for each in found} == {arn}
