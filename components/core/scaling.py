"""Application Auto Scaling: one dimension that follows a metric."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

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
    aws.appautoscaling.Policy(
        f"{name}-scaling",
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        target_tracking_scaling_policy_configuration={
            "target_value": dimension.target,
            "predefined_metric_specification": {"predefined_metric_type": dimension.metric},
        },
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return target
