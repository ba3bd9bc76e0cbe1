"""A task of a container on Fargate, with everything that belongs to it."""

from collections.abc import Iterator

import pulumi
import pulumi_aws as aws

from components.compute.cluster import Cluster
from components.compute.container_args import ContainerTaskArgs
from components.compute.container_definition import container_definitions, volumes
from components.core import policies
from components.core.encryption_key import DECRYPT
from components.core.links import Grant, Link, environment
from components.core.logs import log_group, write_grant
from components.core.names import check_name, variable

__all__ = ["ContainerTask", "ContainerTaskArgs"]

TASKS = "ecs-tasks.amazonaws.com"
PLATFORMS = {"arm64": "ARM64", "x86_64": "X86_64"}


class ContainerTask(pulumi.ComponentResource):
    """A task that does what its links grant and no more, on a disk of which it writes `/tmp` only.

    It has two roles: by one, ECS pulls the image, reads the secrets and writes the logs; the other
    is that of its code.
    """

    family: pulumi.Output[str]
    """The name of all revisions: what is run by it is the newest one."""

    def __init__(
        self, name: str, args: ContainerTaskArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        super().__init__("toolkit:compute:ContainerTask", name, {}, opts)
        self.name = name
        self.args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.logs = log_group(name, args.logs, args.key.arn if args.key else None, self._child)
        trust = policies.trust_source(TASKS, self.logs.arn.apply(_any_of_ecs))
        self.role = aws.iam.Role(f"{name}-role", assume_role_policy=trust, opts=self._child)
        self.execution_role = aws.iam.Role(
            f"{name}-execution-role", assume_role_policy=trust, opts=self._child
        )
        needed = [
            aws.iam.RolePolicy(
                f"{name}-execution-policy",
                role=self.execution_role.name,
                policy=policies.identity(self._execution_grants()),
                opts=self._child,
            )
        ]
        if granted := [grant for link in args.links for grant in link.grants]:
            needed.append(self.grant("policy", *granted))
        self._entered: dict[Cluster, aws.iam.RolePolicy] = {}
        self.definition = self._definition(needed)
        self.family = self.definition.family
        self.register_outputs({"family": self.family, "log_group": self.logs.name})

    def grant(self, kind: str, *grants: Grant) -> aws.iam.RolePolicy:
        """Give the code's role one more inline policy, named after its purpose."""
        return aws.iam.RolePolicy(
            f"{self.name}-{kind}",
            role=self.role.name,
            policy=policies.identity(grants),
            opts=self._child,
        )

    def let_people_in(self, cluster: Cluster) -> aws.iam.RolePolicy:
        """Give the code's role what ECS Exec needs in a cluster.

        Raises:
            ArgumentsError: when the cluster lets nobody in.
        """
        if cluster not in self._entered:
            kind = f"{cluster.logical_name}-exec-policy"
            self._entered[cluster] = self.grant(kind, *cluster.exec_grants())
        return self._entered[cluster]

    def starter(self, cluster: Cluster) -> Link:
        """Let a function run the task in a cluster, by the newest revision.

        `<NAME>_TASK_FAMILY` and `<CLUSTER>_CLUSTER_ARN` say what and where, but not in which
        subnets.
        """
        return Link(
            grants=self.starter_grants(cluster),
            environment={
                variable(self.name, "TASK_FAMILY"): self.family,
                variable(cluster.logical_name, "CLUSTER_ARN"): cluster.arn,
            },
        )

    def starter_grants(self, cluster: Cluster) -> tuple[Grant, ...]:
        """Return what a role needs for that: tags, which the task takes over, are of it."""
        revisions = self.definition.arn.apply(lambda arn: arn.rpartition(":")[0])
        return (
            Grant(
                actions=("ecs:RunTask",),
                resources=(revisions, pulumi.Output.concat(revisions, ":*")),
                conditions={"ArnEquals": {"ecs:cluster": cluster.arn}},
            ),
            Grant(
                actions=("ecs:TagResource",),
                resources=(cluster.tasks_arn,),
                conditions={"StringEquals": {"ecs:CreateAction": "RunTask"}},
            ),
            Grant(
                actions=("iam:PassRole",),
                resources=(self.role.arn, self.execution_role.arn),
                conditions={"StringEquals": {"iam:PassedToService": TASKS}},
            ),
        )

    def _execution_grants(self) -> Iterator[Grant]:
        args = self.args
        yield from args.image.grants
        yield write_grant(self.logs.arn)
        if args.secrets:
            # Several variables may be of one secret.
            arns = dict.fromkeys(_secret(args.secrets[name]) for name in sorted(args.secrets))
            yield Grant(actions=("secretsmanager:GetSecretValue",), resources=tuple(arns))
        if args.secrets and args.key:
            yield Grant(actions=DECRYPT, resources=(args.key.arn,))

    def _definition(self, needed: list[aws.iam.RolePolicy]) -> aws.ecs.TaskDefinition:
        args = self.args
        return aws.ecs.TaskDefinition(
            f"{self.name}-definition",
            family=f"{pulumi.get_project()}-{pulumi.get_stack()}-{self.name}",
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            runtime_platform={
                "operating_system_family": "LINUX",
                "cpu_architecture": PLATFORMS[args.architecture],
            },
            execution_role_arn=self.execution_role.arn,
            task_role_arn=self.role.arn,
            volumes=[aws.ecs.TaskDefinitionVolumeArgs(name=name) for name in volumes(args)],
            container_definitions=container_definitions(args, self._environment(), self.logs),
            # A role without its policies fails its first calls.
            opts=pulumi.ResourceOptions(parent=self, depends_on=needed),
            **args.size.inputs(),
        )

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        level = self.args.logs.level
        standard = {
            "POWERTOOLS_SERVICE_NAME": self.name,
            "POWERTOOLS_METRICS_NAMESPACE": pulumi.get_project(),
            # Python knows none below it.
            "POWERTOOLS_LOG_LEVEL": "DEBUG" if level == "TRACE" else level,
        }
        return environment(self.args.links, {**standard, **self.args.environment})


def _any_of_ecs(arn: str) -> str:
    """Return the ARNs of ECS beside a log group's.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    """
    _, partition, _, region, account, *_ = arn.split(":")
    return f"arn:{partition}:ecs:{region}:{account}:*"


def _secret(arn: pulumi.Input[str]) -> pulumi.Input[str]:
    """Return the ARN of a secret without the member, stage and version that may follow."""
    return _bare(arn) if isinstance(arn, str) else pulumi.Output.concat(arn).apply(_bare)


def _bare(arn: str) -> str:
    return ":".join(arn.split(":")[:7])
