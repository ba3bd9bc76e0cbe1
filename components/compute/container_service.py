"""A service of ECS on Fargate."""

import dataclasses
from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.compute.backlog import Backlog
from components.compute.container_args import ALL, Capacity, ContainerServiceArgs
from components.compute.container_definition import CONTAINER
from components.compute.container_task import ContainerTask
from components.core.checks import ArgumentsError, between, check, when
from components.core.links import Grant
from components.core.names import check_name
from components.core.scaling import hold
from components.events.queue import Queue

__all__ = ["Capacity", "ContainerService", "ContainerServiceArgs"]

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
PROTECT = ("ecs:GetTaskProtection", "ecs:UpdateTaskProtection")
DAY_MINUTES = 24 * 60
MOST_MESSAGES = 100_000
MOST_REQUESTS = 1_000_000


class ContainerService(pulumi.ComponentResource):
    """A service whose failed deployments roll back, and whose tasks may protect themselves.

    A task that is to end, by a deployment, by scaling or by Spot, is sent SIGTERM first, and has
    the `stop_timeout_seconds` of its container to come to an end.
    """

    name: pulumi.Output[str]
    task: ContainerTask

    def __init__(
        self, name: str, args: ContainerServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        super().__init__("toolkit:compute:ContainerService", name, {}, opts)
        self.logical_name = name
        self.args = args
        # The name by which its logs and metrics are known.
        named = {"POWERTOOLS_SERVICE_NAME": name, **args.environment}
        self.task = ContainerTask(
            f"{name}-task",
            dataclasses.replace(args, environment=named),
            pulumi.ResourceOptions(parent=self),
        )
        self.target_group, rules = self._serve()
        self.service = self._service(rules)
        self.name = self.service.name
        self.scaling = self._scaling() if args.max_tasks else None
        self._queue: Queue | None = None
        self.register_outputs({"name": self.name, "task_family": self.task.family})

    def scale_on_cpu(self, percent: float = 60) -> None:
        """Hold the average use of CPU.

        Raises:
            ArgumentsError: when the number of tasks is fixed, or may be 0, with no average.
        """
        check(between("percent", percent, 1, 100))
        self._hold("cpu", "ECSServiceAverageCPUUtilization", percent)

    def scale_on_memory(self, percent: float = 70) -> None:
        """Hold the average use of memory.

        Raises:
            ArgumentsError: when the number of tasks is fixed, or may be 0, with no average.
        """
        check(between("percent", percent, 1, 100))
        self._hold("memory", "ECSServiceAverageMemoryUtilization", percent)

    def scale_on_requests(self, requests_per_minute: int) -> None:
        """Hold the requests that each task is sent in a minute.

        Raises:
            ArgumentsError: when no load balancer sends any, when the number of tasks is fixed, or
                may be 0, with no average.
        """
        serving, group = self.args.serving, self.target_group
        if serving is None or group is None:
            raise ArgumentsError(
                [f"serving of {self.logical_name} is None: allowed is a load balancer"]
            )
        check(between("requests_per_minute", requests_per_minute, 1, MOST_REQUESTS))
        suffix = serving.load_balancer.balancer.arn_suffix
        label = pulumi.Output.concat(suffix, "/", group.arn_suffix)
        self._hold("requests", "ALBRequestCountPerTarget", requests_per_minute, label)

    def scale_on_backlog(
        self, queue: Queue, messages_per_task: int = 1, *, idle_minutes: int = 5
    ) -> None:
        """Add tasks while there are more messages for each, and end them when none is left.

        Messages count that wait and that are being worked on. The first of none starts some four
        minutes after the first message; all that is more than `min_tasks` ends when the queue has
        been empty, with nothing in flight, for `idle_minutes`.

        Raises:
            ArgumentsError: when the number of tasks is fixed, or for a second queue: an empty one
                would end the tasks of the other.
        """
        target, args = self._target(), self.args
        check(
            between("messages_per_task", messages_per_task, 1, MOST_MESSAGES),
            between("idle_minutes", idle_minutes, 1, DAY_MINUTES),
            when(
                self._queue is not None,
                f"scale_on_backlog of {self.logical_name} is called twice: allowed is one queue",
            ),
        )
        self._queue = queue
        backlog = Backlog(
            name=self.logical_name,
            queue=queue,
            cluster_name=args.cluster.name,
            service_name=self.name,
            target=target,
            parent=self,
        )
        backlog.follow(
            least=args.min_tasks,
            most=args.max_tasks or args.min_tasks,
            messages_per_task=messages_per_task,
            idle_minutes=idle_minutes,
        )

    def _service(self, rules: Sequence[pulumi.Resource]) -> aws.ecs.Service:
        args = self.args
        rights = [self._protection()]
        if args.exec:
            rights.append(self.task.let_people_in(args.cluster))
        return aws.ecs.Service(
            f"{self.logical_name}-service",
            cluster=args.cluster.arn,
            task_definition=self.task.definition.arn,
            desired_count=args.min_tasks,
            capacity_provider_strategies=[
                aws.ecs.ServiceCapacityProviderStrategyArgs(**share)
                for share in args.capacity.strategy()
            ],
            platform_version="LATEST",
            network_configuration={
                "subnets": list(args.subnet_ids),
                "security_groups": list(args.security_group_ids),
                "assign_public_ip": args.public_ip,
            },
            deployment_circuit_breaker={"enable": True, "rollback": True},
            deployment_minimum_healthy_percent=args.minimum_healthy_percent,
            deployment_maximum_percent=args.maximum_percent,
            # Tasks move one by one, each started before another ends.
            availability_zone_rebalancing="ENABLED" if args.maximum_percent > ALL else "DISABLED",
            load_balancers=self._served(),
            health_check_grace_period_seconds=args.serving.grace_seconds if args.serving else None,
            enable_execute_command=args.exec,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            # Else a deployment that is rolled back would pass for a good one.
            wait_for_steady_state=args.wait_minutes > 0,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[args.cluster.capacity, *rights, *rules],
                # What auto scaling has chosen, an `up` must not change back.
                ignore_changes=["desiredCount"] if args.max_tasks else [],
                custom_timeouts=_waiting(args.wait_minutes),
            ),
        )

    def _serve(self) -> tuple[aws.lb.TargetGroup | None, Sequence[pulumi.Resource]]:
        """Return the targets, and what has to lead to them before ECS takes them."""
        serving, port = self.args.serving, self.args.port
        if serving is None or port is None:
            return None, []
        group, rule = serving.load_balancer.target_group(self.logical_name, port, serving, self)
        return group, [rule]

    def _served(self) -> list[aws.ecs.ServiceLoadBalancerArgs] | None:
        if self.target_group is None or self.args.port is None:
            return None
        return [
            aws.ecs.ServiceLoadBalancerArgs(
                target_group_arn=self.target_group.arn,
                container_name=CONTAINER,
                container_port=self.args.port,
            )
        ]

    def _protection(self) -> aws.iam.RolePolicy:
        cluster = self.args.cluster
        protect = Grant(
            actions=PROTECT,
            resources=(cluster.tasks_arn,),
            conditions={"ArnEquals": {"ecs:cluster": cluster.arn}},
        )
        return self.task.grant("protection-policy", protect)

    def _scaling(self) -> aws.appautoscaling.Target:
        args = self.args
        return aws.appautoscaling.Target(
            f"{self.logical_name}-target",
            service_namespace="ecs",
            resource_id=pulumi.Output.format("service/{0}/{1}", args.cluster.name, self.name),
            scalable_dimension="ecs:service:DesiredCount",
            min_capacity=args.min_tasks,
            max_capacity=args.max_tasks,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _target(self) -> aws.appautoscaling.Target:
        if self.scaling is None:
            mistake = (
                f"max_tasks of {self.logical_name} is None, and it is to scale: allowed is more "
                f"than min_tasks, {self.args.min_tasks}"
            )
            raise ArgumentsError([mistake])
        return self.scaling

    def _hold(
        self, kind: str, metric: str, value: float, label: pulumi.Input[str] | None = None
    ) -> None:
        target = self._target()
        check(
            when(
                self.args.min_tasks == 0,
                f"min_tasks of {self.logical_name} is 0, from which {kind} leads nowhere: allowed "
                "is 1 or more, or scale_on_backlog",
            ),
        )
        hold(f"{self.logical_name}-{kind}", target, metric, value, self, label=label)


def _waiting(minutes: int) -> pulumi.CustomTimeouts | None:
    return pulumi.CustomTimeouts(create=f"{minutes}m", update=f"{minutes}m") if minutes else None
