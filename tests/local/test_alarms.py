"""Alarms that scale, and the API of what they scale, without an emulator."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from local.emulator.alarms import Alarms
from local.emulator.scaling import Scaling
from local.emulator.scaling_metrics import looked_up

POLICY = "arn:policy"
SERVICE = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/c/s",
    "ScalableDimension": "ecs:service:DesiredCount",
}
STEP = {
    "AdjustmentType": "ChangeInCapacity",
    "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 5}],
}


class Store(dict[Any, Any]):
    def all_items(self) -> Any:
        return [(("account", "region", key), value) for key, value in self.items()]


@contextmanager
def scope(_account: str, _region: str) -> Iterator[None]:
    yield


class World:
    """The emulator's modules, as far as alarms and scaling use them."""

    def __init__(self) -> None:
        self.value: float | None = 0.0
        self.acted: list[tuple[str, float]] = []
        self.history: list[tuple[str, str]] = []
        self.cloudwatch = SimpleNamespace(
            _alarms=Store(),
            _put_metric_alarm=self._put,
            _record_history=lambda _name, *states: self.history.append(states[:2]),
            _dispatch_alarm_actions=lambda *_: None,
        )
        self.alarms = Alarms(self.cloudwatch, scope, lambda _: self.value)
        service = {"status": "ACTIVE", "desiredCount": 1}
        self.ecs = SimpleNamespace(_services={"c/s": service}, _update_service=service.update)
        responses = SimpleNamespace(
            AccountRegionScopedDict=Store,
            get_region=lambda: "us-east-1",
            get_account_id=lambda: "000000000000",
        )
        self.scaling = Scaling(self.ecs, responses, self.alarms)

    def _put(self, _params: Any, given: Any) -> None:
        plain = {"Statistic": "Average", "Period": 60, "StateValue": "INSUFFICIENT_DATA"}
        self.cloudwatch._alarms[given["AlarmName"]] = {**plain, **given, "AlarmArn": "arn:a"}

    def alarm(self, **more: Any) -> dict[str, Any]:
        given = {
            "AlarmName": "a",
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 10.0,
            "EvaluationPeriods": 1,
            "TreatMissingData": "missing",
            "AlarmActions": [POLICY],
            "Metrics": [{"Id": "m", "MetricStat": {"Period": 0}}],
            **more,
        }
        self.cloudwatch._put_metric_alarm({}, given)
        made: dict[str, Any] = self.cloudwatch._alarms["a"]
        return made

    def look(self, *values: float | None) -> list[str]:
        """Evaluate the alarm with each of these values, and return its states."""
        alarm, states = self.cloudwatch._alarms["a"], []
        for self.value in values:
            self.alarms._evaluate(alarm, lambda *acted: self.acted.append(acted))
            states.append(alarm["StateValue"])
        return states

    def call(self, action: str, **asked: Any) -> tuple[int, Any]:
        headers = {"x-amz-target": f"AnyScaleFrontendService.{action}"}
        answer = self.scaling.handle("POST", "/", headers, json.dumps(asked).encode(), {})
        status, _, body = asyncio.run(answer)
        return status, json.loads(body)


@pytest.fixture
def world() -> World:
    return World()


def test_an_alarm_acts_in_each_period_by_how_far_it_is_beyond(world: World) -> None:
    world.alarm()
    assert world.look(10, 11, 15, 9) == ["OK", "ALARM", "ALARM", "OK"]
    assert world.acted == [(POLICY, 1), (POLICY, 5)]
    assert world.history == [("INSUFFICIENT_DATA", "OK"), ("OK", "ALARM"), ("ALARM", "OK")]


def test_an_alarm_waits_for_its_periods(world: World) -> None:
    world.alarm(EvaluationPeriods=3)
    assert world.look(11, 11, 11, 9) == ["OK", "OK", "ALARM", "OK"]


def test_some_of_the_periods_may_do(world: World) -> None:
    world.alarm(EvaluationPeriods=3, DatapointsToAlarm=2)
    assert world.look(11, 9, 11, 9, 9) == ["OK", "OK", "ALARM", "OK", "OK"]


@pytest.mark.parametrize(
    ("treated", "state"),
    [
        ("missing", "INSUFFICIENT_DATA"),
        ("breaching", "ALARM"),
        ("notBreaching", "OK"),
        ("ignore", "ALARM"),
    ],
)
def test_missing_data_is_treated_as_the_alarm_says(world: World, treated: str, state: str) -> None:
    world.alarm(TreatMissingData=treated)
    assert world.look(11, None) == ["ALARM", state]
    assert len(world.acted) == 1


def test_what_cannot_be_evaluated_is_said_once(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.alarm(Metrics=[{"Id": "e", "Expression": "RATE(m)"}])
    world.look(1)
    world.alarms._due.clear()
    world.look(1)
    assert capsys.readouterr().err.count("RATE(m) is not evaluated here") == 1


def test_an_alarm_of_one_metric_needs_no_math(world: World) -> None:
    world.alarm(Metrics=None, Period=0, Namespace="n", MetricName="m", Dimensions=[])
    assert world.look(11) == ["ALARM"]


def registered(world: World, **more: Any) -> str:
    bounds = {"MinCapacity": 0, "MaxCapacity": 3}
    assert world.call("RegisterScalableTarget", **SERVICE, **{**bounds, **more})[0] == 200
    made = world.call(
        "PutScalingPolicy",
        **SERVICE,
        PolicyName="p",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration=STEP,
    )
    return str(made[1]["PolicyARN"])


@pytest.mark.parametrize(("bounds", "count"), [({}, 3), ({"MaxCapacity": 9}, 6)])
def test_a_policy_scales_within_the_bounds(world: World, bounds: Any, count: int) -> None:
    world.alarms.watch = lambda *_: None  # type: ignore[method-assign]
    world.scaling._act(registered(world, **bounds), 1)
    assert world.ecs._services["c/s"]["desiredCount"] == count


def test_a_policy_of_what_is_gone_does_nothing(world: World) -> None:
    world.alarms.watch = lambda *_: None  # type: ignore[method-assign]
    policy = registered(world)
    world.call("DeregisterScalableTarget", **SERVICE)
    world.scaling._act(policy, 1)
    assert world.ecs._services["c/s"]["desiredCount"] == 1
    assert world.call("DescribeScalingPolicies", **SERVICE)[1] == {"ScalingPolicies": []}


@pytest.mark.parametrize(
    ("action", "error"),
    [
        ("DeregisterScalableTarget", "ObjectNotFoundException"),
        ("PutScalingPolicy", "ObjectNotFoundException"),
        ("DeleteScalingPolicy", "ObjectNotFoundException"),
        ("RegisterScalableTarget", "ValidationException"),
        ("PutScheduledAction", "UnknownOperationException"),
    ],
)
def test_a_refusal_has_its_name(world: World, action: str, error: str) -> None:
    status, told = world.call(action, **SERVICE, PolicyName="p")
    assert (status, told["__type"]) == (400, error)


def test_metrics_are_looked_up_where_they_come_from() -> None:
    queue = {"attributes": {"ApproximateNumberOfMessages": "7"}}
    sqs = SimpleNamespace(
        _queue_name_to_url={"q": "url"},
        _queue_url=lambda name: name,
        _queues={"url": queue},
        _refresh_counts=lambda _: None,
    )
    metric = looked_up(SimpleNamespace(_services={"c/s": {"runningCount": 2}}), sqs)

    def of(namespace: str, name: str, **dimensions: str) -> float | None:
        pairs = [{"Name": key, "Value": value} for key, value in dimensions.items()]
        found = {"Namespace": namespace, "MetricName": name, "Dimensions": pairs}
        return metric({"Metric": found})

    visible, running = "ApproximateNumberOfMessagesVisible", "RunningTaskCount"
    assert of("AWS/SQS", visible, QueueName="q") == 7
    assert of("AWS/SQS", visible, QueueName="other") is None
    assert of("ECS/ContainerInsights", running, ClusterName="c", ServiceName="s") == 2
    assert of("ECS/ContainerInsights", running, ClusterName="c", ServiceName="t") is None
    with pytest.raises(ValueError, match="Errors of AWS/Lambda is not looked up"):
        of("AWS/Lambda", "Errors")
