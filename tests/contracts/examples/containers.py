"""Programs of containers."""

from collections.abc import Callable

import pulumi_aws as aws

from components.compute.cluster import Cluster, ClusterArgs
from components.compute.container_service import (
    Capacity,
    ContainerService,
    ContainerServiceArgs,
)
from components.compute.container_task import ContainerTask, ContainerTaskArgs
from components.compute.repository import Image, Repository, RepositoryArgs
from components.compute.task_size import TaskSize
from components.core.account import Account
from components.core.encryption_key import EncryptionKey
from components.data.table import Table, TableArgs
from components.events.queue import Queue, QueueArgs
from components.events.schedule import Schedule, ScheduleArgs
from components.network.load_balancer import LoadBalancer, LoadBalancerArgs, Serving
from components.workflow.run_task import RunTask
from components.workflow.workflow import Workflow, WorkflowArgs
from tests.contracts.examples.base import plain_function
from tests.contracts.examples.streams import key

DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = Image(uri=f"public.ecr.aws/example/work@{DIGEST}")
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:partner-AbCdEf"
SUBNETS, GROUPS = ("subnet-1", "subnet-2"), ("sg-1",)


def repository() -> Repository:
    made = Repository("work", RepositoryArgs(untagged_days=1, max_images=10, key=key()))
    ContainerTask("work", ContainerTaskArgs(image=made.image(DIGEST)))
    return made


def cluster() -> Cluster:
    return entered(key("logs"))


def entered(shared: EncryptionKey) -> Cluster:
    return Cluster("jobs", ClusterArgs(exec=True, key=shared))


def task() -> ContainerTask:
    shared = key("logs")
    jobs = entered(shared)
    made = ContainerTask(
        "reconcile",
        ContainerTaskArgs(
            image=IMAGE,
            size=TaskSize(cpu=1_000, memory_mb=3_000, ephemeral_storage_gb=50),
            command=["python", "-m", "reconcile"],
            links=[Table("items", TableArgs(partition_key="id")).reader()],
            environment={"MODE": "night"},
            secrets={"PARTNER_PASSWORD": f"{SECRET}:password::"},
            architecture="x86_64",
            exec=True,
            key=shared,
        ),
    )
    plain_function("start", links=[made.starter(jobs)])
    run = RunTask(
        "Reconcile",
        task=made,
        cluster=jobs,
        subnet_ids=SUBNETS,
        security_group_ids=GROUPS,
        environment={"DAY": "{% $states.input.day %}"},
    )
    nightly = Workflow("nightly", WorkflowArgs(states=[run]))
    Schedule("nightly", ScheduleArgs(expression="cron(0 3 * * ? *)", target=nightly))
    return made


def service() -> ContainerService:
    shared = key("logs")
    incoming = Queue("incoming", QueueArgs(key=shared))
    made = ContainerService(
        "importer",
        ContainerServiceArgs(
            cluster=entered(shared),
            image=Repository("importer").image(DIGEST),
            command=["python", "-m", "importer"],
            size=TaskSize(cpu=1_024, memory_mb=2_048),
            links=[incoming.receiver()],
            subnet_ids=SUBNETS,
            security_group_ids=GROUPS,
            min_tasks=0,
            max_tasks=20,
            capacity=Capacity(on_demand_base=1, spot_percent=80),
            exec=True,
        ),
    )
    made.scale_on_backlog(incoming, messages_per_task=2)
    steady = ContainerService(
        "steady",
        ContainerServiceArgs(
            cluster=Cluster("plain"),
            image=IMAGE,
            subnet_ids=SUBNETS,
            security_group_ids=GROUPS,
            max_tasks=4,
        ),
    )
    steady.scale_on_cpu()
    steady.scale_on_memory()
    return made


def load_balancer() -> LoadBalancer:
    made = LoadBalancer(
        "front",
        LoadBalancerArgs(
            account=Account.current(aws.Provider("aws")),
            vpc_id="vpc-1",
            subnet_ids=SUBNETS,
            security_group_ids=GROUPS,
            certificate_arn="arn:aws:acm:eu-central-1:123456789012:certificate/1",
            protect=True,
        ),
    )
    pages = ContainerService(
        "pages",
        ContainerServiceArgs(
            cluster=Cluster("plain"),
            image=IMAGE,
            port=8_080,
            serving=Serving(load_balancer=made, paths=("/pages/*",), health_path="/pages/health"),
            subnet_ids=SUBNETS,
            security_group_ids=GROUPS,
            min_tasks=2,
            max_tasks=4,
        ),
    )
    pages.scale_on_requests(1_000)
    return made


EXAMPLES: dict[type, Callable[[], object]] = {
    Repository: repository,
    Cluster: cluster,
    ContainerTask: task,
    ContainerService: service,
    LoadBalancer: load_balancer,
}
