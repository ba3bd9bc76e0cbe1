"""Tasks that follow a queue, from none and back to none.

Target tracking cannot leave zero. So three alarms of metric math, each with the step that it asks
for: `wake` starts one task for a queue that nobody works on, `backlog` adds tasks while there are
too many messages for each, and `idle` ends all of them when there is nothing left, visible or in
flight: what is being worked on is never ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.events.queue import Queue

MINUTE = 60
# A new task is counted some minutes after it was asked for.
COOLDOWN_SECONDS = 180
# A metric of Container Insights comes late, and FILL puts zeros in its place until then: only
# three in a row tell that nothing runs.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
WAKE_MINUTES = 3


@dataclass(frozen=True, kw_only=True)
class Step:
    """An alarm and the change it asks for.

    `changes` are the tasks to add, or to have, by how far the metric is beyond the threshold: each
    from its own distance to the next one's.
    """

    name: str
    expression: str
    comparison: str
    threshold: int
    minutes: int
    missing: str
    adjustment: str
    changes: Sequence[tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """The queue, and the tasks that work on it."""

    name: str
    queue: Queue
    cluster_name: pulumi.Output[str]
    service_name: pulumi.Output[str]
    target: aws.appautoscaling.Target
    parent: pulumi.Resource

    def follow(self, *, least: int, most: int, messages_per_task: int, idle_minutes: int) -> None:
        """Make the alarms and the steps; what always has a task needs none to wake it."""
        steps = [*([] if least else [WAKE]), growth(messages_per_task, most)]
        for step in [*steps, rest(least, idle_minutes)]:
            self._make(step)

    def _make(self, step: Step) -> None:
        opts = pulumi.ResourceOptions(parent=self.parent)
        policy = aws.appautoscaling.Policy(
            f"{self.name}-{step.name}",
            policy_type="StepScaling",
            service_namespace=self.target.service_namespace,
            resource_id=self.target.resource_id,
            scalable_dimension=self.target.scalable_dimension,
            step_scaling_policy_configuration={
                "adjustment_type": step.adjustment,
                "cooldown": COOLDOWN_SECONDS,
                "metric_aggregation_type": "Maximum",
                "step_adjustments": _adjustments(step),
            },
            opts=opts,
        )
        aws.cloudwatch.MetricAlarm(
            f"{self.name}-{step.name}-alarm",
            alarm_description=f"{step.name} of {self.name}: asks for other tasks, not for people",
            metric_queries=[*self._metrics(step), _result(step)],
            comparison_operator=step.comparison,
            threshold=step.threshold,
            evaluation_periods=step.minutes,
            treat_missing_data=step.missing,
            alarm_actions=[policy.arn],
            opts=opts,
        )

    def _metrics(self, step: Step) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
        """Return the metrics that the expression names."""
        queue = {"QueueName": self.queue.queue.name}
        service = {"ClusterName": self.cluster_name, "ServiceName": self.service_name}
        known: dict[str, tuple[str, str, dict[str, pulumi.Output[str]]]] = {
            "visible": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue),
            "in_flight": ("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", queue),
            "running": ("ECS/ContainerInsights", "RunningTaskCount", service),
        }
        return [
            aws.cloudwatch.MetricAlarmMetricQueryArgs(
                id=name,
                metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                    namespace=namespace,
                    metric_name=metric,
                    dimensions=dimensions,
                    period=MINUTE,
                    stat="Maximum",
                ),
                return_data=False,
            )
            for name, (namespace, metric, dimensions) in known.items()
            if name in step.expression
        ]


WAKE = Step(
    name="wake",
    expression="IF(FILL(running, 0) < 1 AND visible > 0, 1, 0)",
    comparison="GreaterThanOrEqualToThreshold",
    threshold=1,
    minutes=WAKE_MINUTES,
    missing="notBreaching",
    adjustment="ExactCapacity",
    changes=[(0, 1)],
)


def growth(messages_per_task: int, most: int) -> Step:
    """Return the step that adds one task for a small excess, and half of all for a large one.

    What is being worked on counts: behind a job of hours the next one does not wait.
    """
    return Step(
        name="backlog",
        expression="IF(running > 0, (visible + in_flight) / running, 0)",
        comparison="GreaterThanThreshold",
        threshold=messages_per_task,
        minutes=1,
        missing="notBreaching",
        adjustment="ChangeInCapacity",
        changes=[
            (0, 1),
            (messages_per_task, max(1, most // 4)),
            (4 * messages_per_task, max(1, most // 2)),
        ],
    )


def rest(least: int, idle_minutes: int) -> Step:
    """Return the step back to the least number of tasks.

    A queue that nobody touches for six hours sends no metrics any more: that changes nothing.
    """
    return Step(
        name="idle",
        expression="visible + in_flight",
        comparison="LessThanOrEqualToThreshold",
        threshold=0,
        minutes=idle_minutes,
        missing="ignore",
        adjustment="ExactCapacity",
        changes=[(0, least)],
    )


def _adjustments(step: Step) -> list[Any]:
    if step.comparison.startswith("Less"):
        ((_, tasks),) = step.changes
        return [{"metric_interval_upper_bound": "0", "scaling_adjustment": tasks}]
    ends: list[dict[str, str]] = [
        {"metric_interval_upper_bound": str(distance)} for distance, _ in step.changes[1:]
    ]
    return [
        {"metric_interval_lower_bound": str(distance), **end, "scaling_adjustment": tasks}
        for (distance, tasks), end in zip(step.changes, [*ends, {}], strict=True)
    ]


def _result(step: Step) -> aws.cloudwatch.MetricAlarmMetricQueryArgs:
    return aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id=step.name, expression=step.expression, label=step.name, return_data=True
    )
