"""What an `up` does with CodeDeploy, whatever happens to the release or to the `up`."""

import dataclasses
import json
from typing import Any

import pulumi
import pytest
from botocore.exceptions import ClientError

from components.compute import traffic
from components.compute.traffic import ReleaseError, release
from tests.unit.releasing import PLAN, World


@pytest.fixture(autouse=True)
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(pulumi.log, "info", lambda message, *_: found.append(message))
    return found


def run(world: World, target: str = "2") -> None:
    release(PLAN, target, sleep=world.sleep, session=world)


def test_a_release_returns_when_all_traffic_is_moved(said: list[str]) -> None:
    world = World()
    run(world)
    assert (world.version, world.created) == ("2", 1)
    assert world.regions == {"eu-central-1"}
    assert said == ["work: deployment d-1 moves live to 2"]


def test_codedeploy_is_told_the_versions_and_the_hooks() -> None:
    world = World(version="7")
    run(world, "9")
    content = json.loads(world.deployments["d-1"]["revision"]["appSpecContent"]["content"])
    assert content == {
        "version": 0.0,
        "Resources": [
            {
                "live": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {
                        "Name": "work",
                        "Alias": "live",
                        "CurrentVersion": "7",
                        "TargetVersion": "9",
                    },
                }
            }
        ],
        "Hooks": [dict(PLAN.hooks)],
    }


@pytest.mark.parametrize("end", ["Failed", "Stopped"])
def test_a_release_that_fails_raises_and_the_alias_stays(end: str) -> None:
    world = World()
    world.next = ["InProgress", end]
    with pytest.raises(ReleaseError) as caught:
        run(world)
    assert str(caught.value) == (
        f"deployment d-1 of work to version 2 has {end} (ALARM_ACTIVE: errors is in ALARM): live "
        "serves the version before"
    )
    assert world.version == "1"


def test_a_release_that_is_rolled_back_raises_when_that_is_done() -> None:
    world = World()
    world.next, world.rolls_back = ["InProgress", "Stopped"], True
    with pytest.raises(ReleaseError, match="d-2 rolled it back: live serves the version before"):
        run(world)
    assert world.deployments["d-2"]["status"] == "Succeeded"
    assert world.version == "1"


def test_after_a_failure_the_next_run_tries_again() -> None:
    world = World()
    world.next, world.rolls_back = ["Failed"], True
    with pytest.raises(ReleaseError):
        run(world)
    world.next = ["Succeeded"]
    run(world)
    assert (world.version, world.created) == ("2", 2)


def test_what_an_interrupted_run_began_is_waited_for() -> None:
    world = World()
    world.begin("2", ["InProgress", "Baking", "Succeeded"])
    run(world)
    assert (world.version, world.created) == ("2", 0)


def test_what_an_interrupted_run_began_may_fail_too() -> None:
    world = World()
    world.begin("2", ["Failed"])
    with pytest.raises(ReleaseError, match="deployment d-1 of work to version 2 has Failed"):
        run(world)
    assert world.created == 0


def test_what_codedeploy_tells_under_the_older_name_is_known_too() -> None:
    world = World()
    info = world.deployments[world.begin("2", ["Succeeded"])]
    told = info["revision"]["appSpecContent"]
    asked: list[dict[str, Any]] = [{"revisionType": "String", "string": told}, info["revision"]]
    info["revision"] = asked[0]
    assert [*traffic._targets(info)] == ["2"]
    info["revision"] = asked[1]
    run(world)
    assert world.created == 0


def test_where_the_alias_is_there_already_nothing_is_done() -> None:
    world = World(version="2")
    run(world)
    assert not world.deployments


@pytest.mark.parametrize("aim", ["3", None])
def test_another_release_under_way_is_not_overtaken(aim: str | None) -> None:
    world = World()
    id_ = world.begin(aim or "3", ["Succeeded"])
    if aim is None:
        world.deployments[id_]["revision"] = {"revisionType": "AppSpecContent"}
    with pytest.raises(ReleaseError) as caught:
        run(world)
    assert f"moves live to version {aim or 'another one'}: allowed is 2" in str(caught.value)
    assert (world.version, world.created) == ("1", 0)


def test_a_release_that_began_at_the_same_time_is_codedeploys_to_refuse() -> None:
    world = World()
    listed = world._ListDeployments

    def late(**asked: Any) -> dict[str, Any]:
        found = listed(**asked)
        world.begin("3", ["Succeeded"])
        return found

    world._ListDeployments = late  # type: ignore[method-assign]
    with pytest.raises(ClientError, match="DeploymentLimitExceeded"):
        run(world)


def test_where_there_is_no_codedeploy_nothing_is_called(said: list[str]) -> None:
    local = PLAN.alias_arn.replace("123456789012", "000000000000")
    release(dataclasses.replace(PLAN, alias_arn=local), "2", session=None)
    assert said == ["work: its release is recorded, not emulated"]


def test_credentials_are_those_of_the_programs_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "stage")
    assert traffic._session().profile == "stage"
