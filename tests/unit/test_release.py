"""The parts of a release, and the hook by which an alias is moved."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pydantic import TypeAdapter, ValidationError

from components.compute import traffic
from components.compute.durable_execution import DurableExecution
from components.compute.function import Function, FunctionArgs
from components.compute.release import Release, ReleaseArgs
from components.compute.release_settings import ReleaseSettings, TrafficShift
from components.core.checks import ArgumentsError
from tests.contracts.examples.base import CODE, HANDLER, plain_function
from tests.contracts.examples.compute import release
from tests.recording import Deployment, deploy
from tests.unit.test_managed_function import managed


def released(shift: TrafficShift | None = None, **settings: Any) -> Function:
    chosen = ReleaseSettings(shift=shift or TrafficShift(), **settings)
    return Function("work", FunctionArgs(code=CODE, handler=HANDLER, release=chosen))


def statements(deployment: Deployment, name: str) -> list[dict[str, Any]]:
    (policy,) = [each for each in deployment.all("RolePolicy") if each.name == name]
    found: list[dict[str, Any]] = json.loads(policy.inputs["policy"])["Statement"]
    return found


def test_the_alias_is_moved_by_a_hook_that_runs_before_its_update() -> None:
    deployment = deploy(released)
    alias = deployment.one("lambda/alias:Alias")
    assert alias.before_update == ["work-release"]
    assert "work-release-group" in alias.depends_on
    assert deploy(plain_function).one("lambda/alias:Alias").before_update == []


def test_a_release_that_fails_or_alarms_is_rolled_back() -> None:
    group = deploy(release).inputs("DeploymentGroup")
    assert group["autoRollbackConfiguration"] == {
        "enabled": True,
        "events": [
            "DEPLOYMENT_FAILURE",
            "DEPLOYMENT_STOP_ON_ALARM",
            "DEPLOYMENT_STOP_ON_REQUEST",
        ],
    }
    own, given = group["alarmConfiguration"]["alarms"]
    assert (own, given) == ("work-release-errors-1234567", "errors-1234567")
    assert group["alarmConfiguration"]["enabled"]
    assert group["deploymentStyle"] == {
        "deploymentOption": "WITH_TRAFFIC_CONTROL",
        "deploymentType": "BLUE_GREEN",
    }


@pytest.mark.parametrize("most", [1, 5])
def test_errors_of_the_alias_roll_a_release_back(most: int) -> None:
    deployment = deploy(lambda: released(errors_per_minute=most))
    (own,) = deployment.inputs("DeploymentGroup")["alarmConfiguration"]["alarms"]
    alarm = deployment.inputs("metricAlarm:MetricAlarm")
    assert own == "work-release-errors-1234567"
    function = deployment.inputs("lambda/alias:Alias")["functionName"]
    assert alarm["dimensions"] == {"FunctionName": function, "Resource": f"{function}:live"}
    assert (alarm["metricName"], alarm["threshold"]) == ("Errors", most)
    assert alarm["comparisonOperator"] == "GreaterThanOrEqualToThreshold"


def test_codedeploy_may_move_this_alias_and_ask_these_alarms_and_hooks() -> None:
    deployment = deploy(release)
    move, alarms, hooks = statements(deployment, "work-release-policy")
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:work-function"
    assert move["Resource"] == [arn, f"{arn}:live"]
    assert alarms["Action"] == ["cloudwatch:DescribeAlarms"]
    where = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm"
    assert alarms["Resource"] == [f"{where}:work-release-errors", f"{where}:errors"]
    assert hooks["Resource"] == [arn.replace("work", "smoke")]
    trust = deployment.document("role:Role", "work-release-role", key="assumeRolePolicy")
    assert trust["Statement"][0]["Principal"] == {"Service": "codedeploy.amazonaws.com"}


def test_a_hook_may_say_how_it_went_and_is_given_that_once() -> None:
    deployment = deploy(release)
    say, call = statements(deployment, "smoke-work-release-policy")
    assert "codedeploy:PutLifecycleEventHookExecutionStatus" in say["Action"]
    assert say["Resource"] == [deployment.arn("DeploymentGroup")]
    assert call["Resource"] == [
        "arn:aws:lambda:eu-central-1:123456789012:function:work-function:*"
    ]
    assert (
        "smoke-work-release-policy" in deployment.one("lambda/alias:Alias", "work-live").depends_on
    )


@pytest.mark.parametrize(
    ("shift", "name"),
    [
        (TrafficShift(), "LambdaCanary10Percent5Minutes"),
        (TrafficShift(minutes=30), "LambdaCanary10Percent30Minutes"),
        (TrafficShift(kind="linear", minutes=1), "LambdaLinear10PercentEvery1Minute"),
        (TrafficShift(kind="linear", minutes=10), "LambdaLinear10PercentEvery10Minutes"),
        (TrafficShift(kind="all_at_once"), "LambdaAllAtOnce"),
    ],
)
def test_awss_own_configurations_are_used_where_they_fit(shift: TrafficShift, name: str) -> None:
    deployment = deploy(lambda: released(shift))
    used = deployment.inputs("DeploymentGroup")["deploymentConfigName"]
    assert used == f"CodeDeployDefault.{name}"
    assert not deployment.all("DeploymentConfig")


@pytest.mark.parametrize(
    ("kind", "type_", "key"),
    [
        ("canary", "TimeBasedCanary", "timeBasedCanary"),
        ("linear", "TimeBasedLinear", "timeBasedLinear"),
    ],
)
def test_other_steps_have_a_configuration_of_their_own(kind: Any, type_: str, key: str) -> None:
    deployment = deploy(lambda: released(TrafficShift(kind=kind, percent=20, minutes=7)))
    config = deployment.inputs("DeploymentConfig")
    name = f"orders-test-work-release-{kind}-20-percent-7-minutes"
    assert config["deploymentConfigName"] == name
    assert config["computePlatform"] == "Lambda"
    assert config["trafficRoutingConfig"] == {
        "type": type_,
        key: {"percentage": 20, "interval": 7},
    }
    assert deployment.inputs("DeploymentGroup")["deploymentConfigName"] == name


@pytest.mark.parametrize(
    ("kind", "percent", "minutes", "total"),
    [
        ("canary", 1, 2_880, 2_880),
        ("canary", 99, 2_880, 2_880),
        ("linear", 50, 2_880, 2_880),
        ("linear", 99, 2_880, 2_880),
        ("linear", 1, 29, 2_871),
        ("linear", 10, 320, 2_880),
        ("linear", 30, 10, 30),
        ("all_at_once", 1, 2_880, 0),
    ],
)
def test_48_hours_may_lie_between_the_first_step_and_the_last(
    kind: Any, percent: int, minutes: int, total: int
) -> None:
    assert TrafficShift(kind=kind, percent=percent, minutes=minutes).total_minutes == total


@pytest.mark.parametrize(("percent", "minutes"), [(1, 30), (10, 321), (49, 1_441)])
def test_more_are_refused(percent: int, minutes: int) -> None:
    with pytest.raises(ArgumentsError, match="together: allowed is 2,880"):
        TrafficShift(kind="linear", percent=percent, minutes=minutes)


def test_a_stage_may_choose_the_steps_in_its_settings() -> None:
    settings = TypeAdapter(TrafficShift)
    chosen = settings.validate_python({"kind": "linear", "percent": 20, "minutes": 2})
    assert chosen == TrafficShift(kind="linear", percent=20, minutes=2)
    with pytest.raises(ValidationError, match="Unexpected keyword argument"):
        settings.validate_python({"hours": 1})


def alarms(number: int) -> list[Any]:
    return [aws.cloudwatch.MetricAlarm] * number


def test_a_release_has_up_to_nine_alarms_besides_its_own() -> None:
    ReleaseSettings(alarms=alarms(9))
    with pytest.raises(ArgumentsError, match="alarms has 10 entries: allowed is 9"):
        ReleaseSettings(alarms=alarms(10))


def durable() -> Function:
    settings = DurableExecution(execution_timeout_seconds=60)
    return Function("review", FunctionArgs(code=CODE, handler=HANDLER, durable=settings))


@pytest.mark.parametrize("make", [durable, managed])
def test_a_hook_that_codedeploy_cannot_invoke_is_refused(make: Callable[[], Function]) -> None:
    with pytest.raises(ArgumentsError, match="is durable or on managed_instances"):
        deploy(lambda: ReleaseSettings(before_traffic=make()))


def test_a_configuration_whose_name_is_too_long_is_refused() -> None:
    shift, settings = TrafficShift(percent=11), ReleaseSettings
    args = FunctionArgs(code=CODE, handler=HANDLER, release=settings(shift=shift))
    with pytest.raises(ArgumentsError, match="name of the deployment configuration is"):
        deploy(lambda: Function("w" * 32, args), stack="s" * 60)


def updated(monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> list[tuple[Any, str]]:
    """Call the hook as the engine does before it updates the alias; return what was moved."""
    moved: list[tuple[Any, str]] = []
    monkeypatch.setattr(traffic, "release", lambda plan, to: moved.append((plan, to)))
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:work:live"
    args = pulumi.ResourceHookArgs(
        urn="",
        id="",
        name="work-live",
        type="aws:lambda/alias:Alias",
        old_inputs={"functionVersion": old},
        new_inputs={"functionVersion": new},
        old_outputs={"arn": arn},
    )

    def program() -> pulumi.Output[None]:
        settings = ReleaseSettings(before_traffic=plain_function("smoke"))
        made = Release(
            "work",
            ReleaseArgs(
                function=plain_function("other").function, alias="live", settings=settings
            ),
        )
        (hook,) = made.hooks.before_update or []
        assert isinstance(hook, pulumi.ResourceHook)
        called: Any = hook(args)
        return pulumi.Output.from_input(asyncio.ensure_future(called))

    deploy(program)
    return moved


def test_the_hook_moves_the_alias_of_its_update(monkeypatch: pytest.MonkeyPatch) -> None:
    ((plan, target),) = updated(monkeypatch, "1", "2")
    assert target == "2"
    assert (plan.application, plan.group) == ("work-application-1234567", "live")
    assert (plan.function, plan.alias, plan.region) == ("work", "live", "eu-central-1")
    smoke = "arn:aws:lambda:eu-central-1:123456789012:function:smoke-function"
    assert plan.hooks == {"BeforeAllowTraffic": smoke}


def test_an_update_of_something_else_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert updated(monkeypatch, "1", "1") == []
