"""Imports on a local stage: the function, and the service whose tasks can be killed."""

import json
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil

from local.aws import client
from local.demo.upload import rows
from local.paths import PROJECT
from local.stage import LocalStage

PROGRAM = """
import pulumi
from components.compute.cluster import Cluster
from components.compute.container_service import ContainerService, ContainerServiceArgs
from components.compute.container_task import ContainerTask, ContainerTaskArgs
from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize
from components.compute.over_limit_job import OverLimitJob, OverLimitJobArgs
from components.compute.repository import Repository
from components.data.bucket import Bucket, BucketArgs
from components.data.table import Table, TableArgs
from components.data.upload import Upload

uploads = Bucket("uploads", BucketArgs(force_destroy=True))
orders = Table("orders", TableArgs(partition_key="order_id"))
size = FunctionSize(memory_mb=1024, timeout_seconds=900)
job = OverLimitJob("imports", OverLimitJobArgs(function_size=size, beat_seconds=1))
files = [uploads.reader("imports/*"), uploads.writer("reports/*")]
links = [*files, orders.writer("PutItem", "PartiQLInsert")]
start = Function("start-import", FunctionArgs(
    code="lambdas/imports", handler="imports.handler.start", size=size,
    links=[job.submitter(), *links],
))
uploads.on_upload(Upload(target=start, prefix="imports/", suffix=".csv"))
image = Repository("importer").image("sha256:" + 64 * "0")
cluster = Cluster("imports")
service = ContainerService("importer", ContainerServiceArgs(
    cluster=cluster, image=image, command=["python", "-m", "importer"],
    # What the function decides by is the pace of a stage; tests need not wait for that.
    links=[job.worker(), *links], environment={"IMPORT_ROWS_PER_SECOND": "RATE"},
    wait_minutes=0,
    subnet_ids=["subnet-a"], security_group_ids=["sg-a"], min_tasks=0, max_tasks=1,
))
job.runs_on(function=start, service=service)
reconcile = ContainerTask("reconcile", ContainerTaskArgs(
    image=image, command=["python", "-m", "reconcile"],
    links=[job.reader(), *files, orders.reader("BatchGetItem")],
))
pulumi.export("cluster", cluster.name)
pulumi.export("service", service.name)
pulumi.export("reconcile", reconcile.family)
pulumi.export("uploads", uploads.name)
pulumi.export("orders", orders.name)
pulumi.export("jobs", job.table.name)
pulumi.export("queue", job.queue.url)
pulumi.export("dead_letters", job.queue.dead_letters.url)
"""
EACH_BAD = 100
KILLED = 128 + signal.SIGKILL
SECONDS = 900
# A signal comes at any time between two checkpoints.
MOST_DELAY_SECONDS = 0.3
AHEAD = 1_400


@dataclass
class Site:
    """A deployed stage, and what a tester does on it."""

    stage: LocalStage
    outputs: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.outputs = self.stage.outputs()

    def client(self, service: str) -> Any:
        return client(self.stage.endpoint, service)

    def upload(self, name: str, count: int, run_on: str | None = None) -> None:
        """Upload so many rows, every hundredth of them with a mistake."""
        self.client("s3").put_object(
            Bucket=self.outputs["uploads"],
            Key=f"imports/{name}.csv",
            Body=rows(count, "partner", name, EACH_BAD).encode(),
            Metadata={"run-on": run_on} if run_on else {},
        )

    def tasks(self) -> tuple[int, int]:
        """Return how many tasks the service should have, and how many run."""
        (service,) = self.client("ecs").describe_services(
            cluster=self.outputs["cluster"], services=[self.outputs["service"]]
        )["services"]
        return service["desiredCount"], service["runningCount"]

    def stop(self, how: signal.Signals) -> None:
        """Kill the service's task, or have ECS end it, and see how its process ended."""
        ecs, cluster = self.client("ecs"), self.outputs["cluster"]
        (arn,) = ecs.list_tasks(cluster=cluster, serviceName=self.outputs["service"])["taskArns"]
        if how is signal.SIGTERM:
            ecs.stop_task(cluster=cluster, task=arn)
        else:
            self._process(arn).kill()
        assert self._exit_code(arn) == (0 if how is signal.SIGTERM else KILLED)

    def reconcile(self, day: str) -> int:
        """Run the comparison of a day as a task, and return its exit code."""
        network = {"subnets": ["subnet-a"], "securityGroups": ["sg-a"]}
        command = ["python", "-m", "reconcile", day]
        (task,) = self.client("ecs").run_task(
            cluster=self.outputs["cluster"],
            taskDefinition=self.outputs["reconcile"],
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": network},
            overrides={"containerOverrides": [{"name": "main", "command": command}]},
        )["tasks"]
        return self._exit_code(task["taskArn"])

    def _process(self, task_arn: str) -> psutil.Process:
        """Return the process of a worker, of which the task's metadata tell."""
        for each in psutil.process_iter(["cmdline"]):
            if each.info["cmdline"] and each.info["cmdline"][1:] == ["-m", "importer"]:
                with suppress(psutil.Error, httpx.HTTPError):
                    metadata = each.environ()["ECS_CONTAINER_METADATA_URI_V4"]
                    if httpx.get(f"{metadata}/task").json()["TaskARN"] == task_arn:
                        return each
        raise AssertionError(f"no process is of {task_arn}")

    def _exit_code(self, task_arn: str) -> int:
        ecs, cluster = self.client("ecs"), self.outputs["cluster"]

        def task() -> dict[str, Any]:
            (found,) = ecs.describe_tasks(cluster=cluster, tasks=[task_arn])["tasks"]
            return dict(found)

        self.until(lambda: task()["lastStatus"] == "STOPPED")
        code: int = task()["containers"][0]["exitCode"]
        return code

    def job(self, name: str) -> dict[str, Any]:
        """Return the record of a file's job, or nothing when there is none yet."""
        found = self.client("dynamodb").scan(
            TableName=self.outputs["jobs"],
            FilterExpression="begins_with(job_id, :name)",
            ExpressionAttributeValues={":name": {"S": f"imports/{name}.csv@"}},
            ConsistentRead=True,
        )["Items"]
        assert len(found) <= 1
        return found[0] if found else {}

    def come_to(self, name: str, worker: int, rows: int) -> bool:
        """Tell whether the so-manieth worker of a file has come to a row."""
        job = self.job(name)
        counts = job.get("counts", {"M": {"rows": {"N": "0"}}})
        fence = int(job.get("fence", {"N": "0"})["N"])
        return fence == worker and int(counts["M"]["rows"]["N"]) >= rows

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + SECONDS
        while not holds():
            assert time.monotonic() < deadline, "it did not come about in time"
            time.sleep(0.1)

    def report(self, name: str) -> dict[str, Any] | None:
        """Return a file's report, when there is one."""
        s3, key = self.client("s3"), f"reports/{name}.json"
        if not s3.list_objects_v2(Bucket=self.outputs["uploads"], Prefix=key).get("KeyCount"):
            return None
        body = s3.get_object(Bucket=self.outputs["uploads"], Key=key)["Body"]
        document: dict[str, Any] = json.load(body)
        return document

    def orders(self) -> list[str]:
        """Return the ids of all orders; of very many, the emulator takes long to page."""
        pages = self.client("dynamodb").get_paginator("scan")
        return [
            item["order_id"]["S"]
            for page in pages.paginate(
                TableName=self.outputs["orders"], ProjectionExpression="order_id"
            )
            for item in page["Items"]
        ]

    def order_count(self) -> int:
        """Return how many orders there are: the emulator's own count, which is exact."""
        table = self.outputs["orders"]
        described = self.client("dynamodb").describe_table(TableName=table)["Table"]
        count: int = described["ItemCount"]
        return count

    def messages(self, queue: str) -> int:
        """Return how many messages are in a queue, hidden ones included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.client("sqs").get_queue_attributes(
            QueueUrl=self.outputs[queue], AttributeNames=names
        )
        return sum(int(found["Attributes"][each]) for each in names)


@contextmanager
def deployed(folder: Path, rows_per_second: int) -> Iterator[Site]:
    """Deploy the program, with the code of the project beside it, and remove all at the end."""
    project = folder / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: imports\nruntime: python\n")
    (project / "Pulumi.local.yaml").write_text("config:\n  aws:region: us-east-1\n")
    (project / "__main__.py").write_text(PROGRAM.replace("RATE", str(rows_per_second)))
    for code in ("lambdas", "fargate"):
        (project / code).symlink_to(PROJECT / code)
    stage = LocalStage(state=folder / "state", project=project, report=lambda _: None)
    try:
        stage.up()
        yield Site(stage)
    finally:
        stage.down()


def import_under_fire(site: Site, name: str, count: int, seed: int) -> dict[str, Any]:
    """Have a file imported by tasks of which three are killed and one is told to end.

    Each is stopped a while after a number of rows that the seed chooses; the service replaces it.
    Returns the report, when the service is back at no task.
    """
    chance = random.Random(seed)  # noqa: S311
    # The last to be stopped must have rows before it: it reads some 400 ahead of its checkpoint.
    moments = sorted(chance.sample(range(min(count // 2, count - AHEAD)), 4))
    signals = [signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]
    chance.shuffle(signals)
    for number, (moment, each) in enumerate(zip(moments, signals, strict=True), 1):
        site.until(partial(site.come_to, name, number, moment))
        time.sleep(chance.uniform(0, MOST_DELAY_SECONDS))
        site.stop(each)
        assert site.report(name) is None
    site.until(lambda: site.report(name) is not None)
    site.until(lambda: site.messages("queue") == 0)
    site.until(lambda: site.tasks() == (0, 0))
    found = site.report(name)
    assert found
    return found
