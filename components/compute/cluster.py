"""A cluster of ECS, whose tasks run on Fargate."""

from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.core.checks import ArgumentsError, check, check_fields, when
from components.core.encryption_key import DECRYPT, EncryptionKey
from components.core.links import Grant
from components.core.logs import LogSettings, log_group
from components.core.names import check_name

Exec = aws.ecs.ClusterConfigurationExecuteCommandConfigurationArgs
ExecLogs = aws.ecs.ClusterConfigurationExecuteCommandConfigurationLogConfigurationArgs
ON_DEMAND, SPOT = "FARGATE", "FARGATE_SPOT"
CHANNELS = tuple(
    f"ssmmessages:{action}"
    for action in (
        *("CreateControlChannel", "CreateDataChannel"),
        *("OpenControlChannel", "OpenDataChannel"),
    )
)


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """Settings of a Cluster.

    `exec` lets people into its tasks by ECS Exec, where a service asks for it too; what they do is
    encrypted with the `key`, and logged.
    """

    container_insights: Literal["enabled", "enhanced"] = "enabled"
    exec: bool = False
    logs: LogSettings = field(default_factory=LogSettings)
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            when(
                self.exec and self.key is None,
                "key is None with exec: allowed is a key, which encrypts what people do",
            )
        )


class Cluster(pulumi.ComponentResource):
    """A cluster that is measured, with capacity on demand and of Spot."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    tasks_arn: pulumi.Output[str]
    """The ARNs of all tasks in the cluster."""

    def __init__(
        self,
        name: str,
        args: ClusterArgs | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        check_name(name)
        super().__init__("toolkit:compute:Cluster", name, {}, opts)
        self.logical_name = name
        self.args = args = args or ClusterArgs()
        child = pulumi.ResourceOptions(parent=self)
        self._key_arn = args.key.arn if args.exec and args.key else None
        self.exec_logs = (
            log_group(f"{name}-exec", args.logs, self._key_arn, child) if self._key_arn else None
        )
        self.cluster = aws.ecs.Cluster(
            f"{name}-cluster",
            settings=[
                aws.ecs.ClusterSettingArgs(name="containerInsights", value=args.container_insights)
            ],
            configuration=self._configuration(),
            opts=child,
        )
        self.capacity = aws.ecs.ClusterCapacityProviders(
            f"{name}-capacity",
            cluster_name=self.cluster.name,
            capacity_providers=[ON_DEMAND, SPOT],
            default_capacity_provider_strategies=[{"capacity_provider": ON_DEMAND, "weight": 1}],
            opts=child,
        )
        self.name = self.cluster.name
        self.arn = self.cluster.arn
        self.tasks_arn = self.arn.apply(lambda arn: arn.replace(":cluster/", ":task/") + "/*")
        self.register_outputs({"name": self.name, "arn": self.arn})

    def exec_grants(self) -> tuple[Grant, ...]:
        """Return what the role of a task needs to let people in.

        Raises:
            ArgumentsError: when the cluster does not.
        """
        if self.exec_logs is None or self._key_arn is None:
            raise ArgumentsError(
                [f"exec of cluster {self.logical_name} is False: allowed is True"]
            )
        groups = (self.exec_logs.arn, self.exec_logs.arn.apply(lambda arn: f"{arn}:*"))
        return (
            Grant(actions=CHANNELS, resources=("*",)),
            Grant(actions=("logs:DescribeLogGroups",), resources=("*",)),
            Grant(
                actions=("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
                resources=groups,
            ),
            Grant(actions=DECRYPT, resources=(self._key_arn,)),
        )

    def _configuration(self) -> aws.ecs.ClusterConfigurationArgs | None:
        if self.exec_logs is None:
            return None
        logs = ExecLogs(
            cloud_watch_encryption_enabled=True,
            cloud_watch_log_group_name=self.exec_logs.name,
        )
        return aws.ecs.ClusterConfigurationArgs(
            execute_command_configuration=Exec(
                kms_key_id=self._key_arn, logging="OVERRIDE", log_configuration=logs
            )
        )
