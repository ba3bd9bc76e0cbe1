"""Environments of a function that are kept warm."""

import pulumi
import pulumi_aws as aws

from components.compute.function_size import FunctionSize
from components.core.scaling import Dimension, track


def keep_warm(
    name: str, size: FunctionSize, alias: aws.lambda_.Alias, parent: pulumi.Resource
) -> None:
    """Keep the environments warm that the size asks for, on the alias."""
    if size.provisioned_concurrency is None:
        return
    scaled = size.max_provisioned_concurrency is not None
    config = aws.lambda_.ProvisionedConcurrencyConfig(
        f"{name}-provisioned",
        function_name=alias.function_name,
        qualifier=alias.name,
        provisioned_concurrent_executions=size.provisioned_concurrency,
        # What auto scaling has chosen, an `up` must not change back.
        opts=pulumi.ResourceOptions(
            parent=parent, ignore_changes=["provisionedConcurrentExecutions"] if scaled else []
        ),
    )
    if size.max_provisioned_concurrency is None:
        return
    target = track(
        f"{name}-provisioned",
        Dimension(
            namespace="lambda",
            # By the configuration, because scaling may not work before there is one.
            resource_id=pulumi.Output.format(
                "function:{0}:{1}", config.function_name, config.qualifier
            ),
            name="lambda:function:ProvisionedConcurrency",
            metric="LambdaProvisionedConcurrencyUtilization",
            minimum=size.provisioned_concurrency,
            maximum=size.max_provisioned_concurrency,
            target=size.provisioned_utilization_percent / 100,
        ),
        parent,
    )
    for period in size.warm_periods:
        aws.appautoscaling.ScheduledAction(
            f"{name}-{period.name}-warm",
            service_namespace=target.service_namespace,
            resource_id=target.resource_id,
            scalable_dimension=target.scalable_dimension,
            schedule=f"cron({period.cron})",
            timezone=period.timezone,
            scalable_target_action={
                "min_capacity": period.minimum,
                "max_capacity": period.maximum,
            },
            opts=pulumi.ResourceOptions(parent=parent),
        )
