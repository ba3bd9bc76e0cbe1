"""The alarms and steps by which a service follows a queue."""

from typing import Any

import pytest

from components.compute.container_service import ContainerService
from components.core.checks import ArgumentsError
from components.events.queue import Queue
from tests.recording import Deployment, deploy
from tests.unit.serving import service_args

QUEUE = {"QueueName": "incoming-queue-1234567"}
SERVICE = {"ClusterName": "jobs-cluster-1234567", "ServiceName": "work-service-1234567"}


def followed(least: int = 0, most: int | None = 20, times: int = 1, **options: Any) -> Deployment:
    def program() -> None:
        service = ContainerService("work", service_args(min_tasks=least, max_tasks=most))
        for _ in range(times):
            service.scale_on_backlog(Queue("incoming"), **options)

    return deploy(program)


def alarm(deployment: Deployment, name: str) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """Return an alarm, its expression, and the metrics that are in it."""
    made = deployment.inputs("MetricAlarm", f"work-{name}-alarm")
    *metrics, result = made["metricQueries"]
    assert result["returnData"] is True
    assert all(each["returnData"] is False for each in metrics)
    return made, result["expression"], {each["id"]: each["metric"] for each in metrics}


def steps(deployment: Deployment, name: str) -> tuple[str, list[tuple[Any, Any, int]]]:
    """Return how a policy changes the number of tasks, and its steps: from, to, by how many."""
    policy = deployment.inputs("appautoscaling/policy:Policy", f"work-{name}")
    assert policy["policyType"] == "StepScaling"
    made = policy["stepScalingPolicyConfiguration"]
    return made["adjustmentType"], [
        (
            each.get("metricIntervalLowerBound"),
            each.get("metricIntervalUpperBound"),
            each["scalingAdjustment"],
        )
        for each in made["stepAdjustments"]
    ]


def test_one_task_starts_for_messages_that_nobody_works_on() -> None:
    deployment = followed()
    made, expression, metrics = alarm(deployment, "wake")
    assert expression == "IF(FILL(running, 0) < 1 AND visible > 0, 1, 0)"
    assert made["comparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert (made["threshold"], made["evaluationPeriods"]) == (1, 3)
    assert made["treatMissingData"] == "notBreaching"
    assert metrics == {
        "visible": {
            "namespace": "AWS/SQS",
            "metricName": "ApproximateNumberOfMessagesVisible",
            "dimensions": QUEUE,
            "period": 60,
            "stat": "Maximum",
        },
        "running": {
            "namespace": "ECS/ContainerInsights",
            "metricName": "RunningTaskCount",
            "dimensions": SERVICE,
            "period": 60,
            "stat": "Maximum",
        },
    }
    assert steps(deployment, "wake") == ("ExactCapacity", [("0", None, 1)])


@pytest.mark.parametrize(
    ("most", "added"), [(20, [1, 5, 10]), (4, [1, 1, 2]), (1, [1, 1, 1]), (5_000, [1, 1250, 2500])]
)
def test_tasks_are_added_the_more_the_longer_the_queue(most: int, added: list[int]) -> None:
    deployment = followed(most=most, messages_per_task=10)
    made, expression, metrics = alarm(deployment, "backlog")
    assert expression == "IF(running > 0, (visible + in_flight) / running, 0)"
    assert made["comparisonOperator"] == "GreaterThanThreshold"
    assert (made["threshold"], made["evaluationPeriods"]) == (10, 1)
    assert made["treatMissingData"] == "notBreaching"
    assert set(metrics) == {"visible", "in_flight", "running"}
    one, some, many = added
    assert steps(deployment, "backlog") == (
        "ChangeInCapacity",
        [("0", "10", one), ("10", "40", some), ("40", None, many)],
    )


@pytest.mark.parametrize("least", [0, 2])
def test_tasks_end_when_nothing_is_left_and_nothing_in_flight(least: int) -> None:
    deployment = followed(least=least, idle_minutes=7)
    made, expression, metrics = alarm(deployment, "idle")
    assert expression == "visible + in_flight"
    assert made["comparisonOperator"] == "LessThanOrEqualToThreshold"
    assert (made["threshold"], made["evaluationPeriods"]) == (0, 7)
    # Of a queue that sends no metrics any more nothing new is known.
    assert made["treatMissingData"] == "ignore"
    assert {name: each["metricName"] for name, each in metrics.items()} == {
        "visible": "ApproximateNumberOfMessagesVisible",
        "in_flight": "ApproximateNumberOfMessagesNotVisible",
    }
    assert steps(deployment, "idle") == ("ExactCapacity", [(None, "0", least)])


def test_each_alarm_asks_for_its_own_step_of_the_service() -> None:
    deployment = followed()
    target = deployment.inputs("appautoscaling/target:Target")
    assert (target["minCapacity"], target["maxCapacity"]) == (0, 20)
    alarms = {each.name: each.inputs for each in deployment.all("MetricAlarm")}
    assert set(alarms) == {"work-wake-alarm", "work-backlog-alarm", "work-idle-alarm"}
    for name, inputs in alarms.items():
        (action,) = inputs["alarmActions"]
        assert action.endswith(f":{name.removesuffix('-alarm')}")
    for each in deployment.all("appautoscaling/policy:Policy"):
        assert each.inputs["resourceId"] == target["resourceId"]
        assert each.inputs["scalableDimension"] == "ecs:service:DesiredCount"


def test_what_never_sleeps_needs_none_to_wake_it() -> None:
    names = {each.name for each in followed(least=1).all("MetricAlarm")}
    assert names == {"work-backlog-alarm", "work-idle-alarm"}


def test_one_queue_is_followed_and_what_is_fixed_follows_none() -> None:
    with pytest.raises(ArgumentsError, match="scale_on_backlog of work is called twice: allowed"):
        followed(times=2)
    with pytest.raises(ArgumentsError, match="max_tasks of work is None, and it is to scale"):
        followed(most=None)


@pytest.mark.parametrize(
    ("name", "least", "most"), [("messages_per_task", 1, 100_000), ("idle_minutes", 1, 1_440)]
)
def test_limits_hold_on_both_sides(name: str, least: int, most: int) -> None:
    for value in (least, most):
        followed(**{name: value})
    for value in (least - 1, most + 1):
        with pytest.raises(ArgumentsError, match=f"{name} is {value}: allowed is {least} to"):
            followed(**{name: value})
