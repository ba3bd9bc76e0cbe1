"""Imports on a local stage: the function deployed, and workers as processes that can be killed."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from local.aws import client
from local.demo.upload import rows
from local.emulator.settings import REGION
from local.paths import PROJECT
from local.stage import LocalStage

# A worker's role, as its service would have it.
PROGRAM = """
import pulumi
import pulumi_aws as aws
from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize
from components.compute.over_limit_job import OverLimitJob, OverLimitJobArgs
from components.core import policies
from components.core.links import environment
from components.data.bucket import Bucket, BucketArgs
from components.data.table import Table, TableArgs
from components.data.upload import Upload

uploads = Bucket("uploads", BucketArgs(force_destroy=True))
orders = Table("orders", TableArgs(partition_key="order_id"))
size = FunctionSize(memory_mb=1024, timeout_seconds=900)
job = OverLimitJob("imports", OverLimitJobArgs(function_size=size, beat_seconds=1))
links = [
    uploads.reader("imports/*"),
    uploads.writer("reports/*"),
    orders.writer("PutItem", "PartiQLInsert"),
]
start = Function("start-import", FunctionArgs(
    code="lambdas/imports", handler="imports.handler.start", size=size,
    links=[job.submitter(), *links],
))
uploads.on_upload(Upload(target=start, prefix="imports/", suffix=".csv"))

def role(name, links):
    made = aws.iam.Role(f"{name}-role", assume_role_policy=policies.trust(
        "ecs-tasks.amazonaws.com"))
    grants = [grant for link in links for grant in link.grants]
    aws.iam.RolePolicy(f"{name}-policy", role=made.name, policy=policies.identity(grants))
    pulumi.export(name, {"role": made.arn, "environment": environment(links, {})})

role("worker", [job.worker(), *links])
role("reconcile", [
    job.reader(), uploads.reader("imports/*"), uploads.writer("reports/*"),
    orders.reader("BatchGetItem"),
])
pulumi.export("uploads", uploads.name)
pulumi.export("orders", orders.name)
pulumi.export("jobs", job.table.name)
pulumi.export("queue", job.queue.url)
pulumi.export("dead_letters", job.queue.dead_letters.url)
"""
EACH_BAD = 100
SECONDS = 900
# A signal comes at any time between two checkpoints.
MOST_DELAY_SECONDS = 0.3
AHEAD = 1_400


@dataclass
class Site:
    """A deployed stage, and what a tester does on it."""

    stage: LocalStage
    log: Path
    rows_per_second: int
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

    def process(self, module: str, output: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a module of the container with the rights and variables of its task."""
        task = self.outputs[output]
        sts = self.client("sts")
        given = sts.assume_role(RoleArn=task["role"], RoleSessionName=module)["Credentials"]
        variables = {
            **task["environment"],
            "PYTHONPATH": f"{PROJECT / 'fargate'}:{PROJECT / 'lambdas'}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_ENDPOINT_URL": self.stage.endpoint,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "POWERTOOLS_SERVICE_NAME": module,
            "POWERTOOLS_METRICS_NAMESPACE": "tests",
            "IMPORT_ROWS_PER_SECOND": str(self.rows_per_second),
        }
        with self.log.open("a") as log:
            return subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", module, *arguments],
                env=variables,
                stdout=log,
                stderr=log,
            )

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run a worker, which does not outlive the block."""
        running = self.process("importer", "worker")
        try:
            yield running
        finally:
            running.kill()
            running.wait()

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

    def until(self, holds: Callable[[], bool], running: subprocess.Popen[bytes]) -> None:
        """Wait until something holds, while the worker lives."""
        deadline = time.monotonic() + SECONDS
        while not holds():
            assert running.poll() is None, self.log.read_text()[-3_000:]
            assert time.monotonic() < deadline, self.log.read_text()[-3_000:]
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
    (project / "__main__.py").write_text(PROGRAM)
    (project / "lambdas").symlink_to(PROJECT / "lambdas")
    stage = LocalStage(state=folder / "state", project=project, report=lambda _: None)
    try:
        stage.up()
        yield Site(stage, folder / "workers.log", rows_per_second)
    finally:
        stage.down()


def import_under_fire(site: Site, name: str, count: int, seed: int) -> dict[str, Any]:
    """Have a file imported by workers of which three are killed and one is told to end.

    Each is stopped a while after a number of rows that the seed chooses; returns the report.
    """
    chance = random.Random(seed)  # noqa: S311
    # The last to be stopped must have rows before it: it reads some 400 ahead of its checkpoint.
    moments = sorted(chance.sample(range(min(count // 2, count - AHEAD)), 4))
    signals = [signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]
    chance.shuffle(signals)
    for number, (moment, each) in enumerate(zip(moments, signals, strict=True), 1):
        with site.worker() as running:
            site.until(partial(site.come_to, name, number, moment), running)
            time.sleep(chance.uniform(0, MOST_DELAY_SECONDS))
            running.send_signal(each)
            status = running.wait(timeout=30)
            assert status == (0 if each is signal.SIGTERM else -signal.SIGKILL)
        assert site.report(name) is None
    with site.worker() as running:
        site.until(lambda: site.report(name) is not None, running)
        site.until(lambda: site.messages("queue") == 0, running)
    found = site.report(name)
    assert found
    return found
