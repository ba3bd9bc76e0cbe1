"""Application Auto Scaling: one dimension that follows a metric."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi_aws.appautoscaling import (
    PolicyTargetTrackingScalingPolicyConfigurationArgs as Tracking,
)
from pulumi_aws.appautoscaling import (
    PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs as Metric,
)

from components.core.checks import ArgumentsError


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """What is scaled, between which bounds, and the metric that is held at a target."""

    namespace: str
    resource_id: pulumi.Input[str]
    name: str
    metric: str
    minimum: int
    maximum: int
    target: float

    def __post_init__(self) -> None:
        if self.maximum < self.minimum:
            raise ArgumentsError(
                [f"maximum of {self.name} is {self.maximum}: allowed is {self.minimum} or more"]
            )


def track(name: str, dimension: Dimension, parent: pulumi.Resource) -> aws.appautoscaling.Target:
    """Scale a dimension in and out, so that its metric stays at the target."""
    target = aws.appautoscaling.Target(
        f"{name}-target",
        service_namespace=dimension.namespace,
        resource_id=dimension.resource_id,
        scalable_dimension=dimension.name,
        min_capacity=dimension.minimum,
        max_capacity=dimension.maximum,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    hold(name, target, dimension.metric, dimension.target, parent)
    return target


def hold(
    name: str,
    target: aws.appautoscaling.Target,
    metric: str,
    value: float,
    parent: pulumi.Resource,
    *,
    label: pulumi.Input[str] | None = None,
) -> None:
    """Hold one of AWS's metrics at a value; `label` says of what, where the target does not."""
    aws.appautoscaling.Policy(
        f"{name}-scaling",
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        target_tracking_scaling_policy_configuration=Tracking(
            target_value=value,
            predefined_metric_specification=Metric(
                predefined_metric_type=metric, resource_label=label
            ),
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
