"""What SNS writes of a topic's deliveries, and the role by which it does."""

import pulumi
import pulumi_aws as aws

from components.core import policies
from components.core.logs import LogSettings, write_grant

SNS = "sns.amazonaws.com"


def delivery_role(name: str, parent: pulumi.Resource) -> aws.iam.Role:
    """Make the role that SNS assumes to write of deliveries."""
    return aws.iam.Role(
        f"{name}-deliveries-role",
        assume_role_policy=policies.trust(SNS),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def delivery_logs(
    name: str,
    topic_arn: pulumi.Output[str],
    role: aws.iam.Role,
    logs: LogSettings,
    key_arn: pulumi.Input[str] | None,
    parent: pulumi.Resource,
) -> None:
    """Make the two log groups of a topic, and let the role write there and nowhere else.

    Their names are what SNS prescribes:
    https://docs.aws.amazon.com/sns/latest/dg/topics-attrib-prop.html
    """
    child = pulumi.ResourceOptions(parent=parent)
    path = topic_arn.apply(lambda arn: "/".join(arn.split(":")[2:]))
    groups = [
        aws.cloudwatch.LogGroup(
            f"{name}-{kind}-logs",
            name=pulumi.Output.concat(path, ending),
            retention_in_days=logs.retention_days,
            kms_key_id=key_arn,
            opts=child,
        )
        for kind, ending in (("deliveries", ""), ("failures", "/Failure"))
    ]
    write = write_grant(*(group.arn for group in groups))
    aws.iam.RolePolicy(
        f"{name}-deliveries-policy",
        role=role.name,
        policy=policies.identity([write]),
        opts=child,
    )
