"""Log groups that the toolkit owns: their retention and key are chosen, not inherited."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import pulumi
import pulumi_aws as aws

from components.core.checks import check_fields
from components.core.links import Grant

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
# fmt: off
RetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    1096, 1827, 2192, 2557, 2922, 3288, 3653,
]
# fmt: on


@dataclass(frozen=True, kw_only=True)
class LogSettings:
    """How long logs are kept, and the least level that is written."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    retention_days: RetentionDays = 14
    level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] = "INFO"

    def __post_init__(self) -> None:
        check_fields(self)


def log_group(
    name: str,
    settings: LogSettings,
    key_arn: pulumi.Input[str] | None,
    opts: pulumi.ResourceOptions,
    *,
    prefix: str | None = None,
) -> aws.cloudwatch.LogGroup:
    """Make a log group; `prefix` begins its physical name where AWS prescribes one."""
    return aws.cloudwatch.LogGroup(
        f"{name}-logs",
        name_prefix=prefix,
        retention_in_days=settings.retention_days,
        kms_key_id=key_arn,
        opts=opts,
    )


def write_grant(*group_arns: pulumi.Output[str]) -> Grant:
    """Return what writes to log groups, making streams of its own."""
    streams = tuple(each.apply(lambda arn: f"{arn}:log-stream:*") for each in group_arns)
    return Grant(actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=streams)


def writer_grants(group: aws.cloudwatch.LogGroup) -> tuple[Grant, ...]:
    """Return what the role of a log router needs, which looks its streams up before it writes."""
    return (
        write_grant(group.arn),
        Grant(
            actions=("logs:DescribeLogStreams",),
            resources=(group.arn.apply(lambda arn: f"{arn}:*"),),
        ),
    )
