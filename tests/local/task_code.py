"""A program with tasks for the tests, the code that they run, and what is seen of them."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from local.aws import client
from local.stage import LocalStage

WORKER = '''
"""Says in a queue who it is, and does what its arguments say."""

import json
import os
import signal
import sys
import time
import urllib.request

import boto3
from botocore.exceptions import ClientError

from shared.words import HELLO

queue = boto3.client("sqs")
ARN = "TaskARN"


def tell(what, **more):
    said = json.dumps({"what": what, "task": me, "pid": os.getpid(), **more})
    print(said)
    queue.send_message(QueueUrl=os.environ["TOLD"], MessageBody=said)


def asked(method, path, body=None):
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(path, data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def denied():
    try:
        queue.send_message(QueueUrl=os.environ["CLOSED"], MessageBody="no")
    except ClientError as error:
        return error.response["Error"]["Code"]


def end(*_):
    if what != "stubborn":
        sys.exit(0)


me = asked("GET", os.environ["ECS_CONTAINER_METADATA_URI_V4"] + "/task")["TaskARN"]
what, *rest = sys.argv[1:]
protection = os.environ["ECS_AGENT_URI"] + "/task-protection/v1/state"
signal.signal(signal.SIGTERM, end)
if what == "exit":
    print("gone", os.environ.get("MOOD", ""))
    sys.exit(int(rest[0]))
if what == "protected":
    wanted = {"ProtectionEnabled": True, "ExpiresInMinutes": 5}
    print(asked("PUT", protection, wanted))
role = boto3.client("sts").get_caller_identity()["Arn"]
tell("started", hello=HELLO, denied=denied(), role=role)
try:
    while True:
        found = queue.receive_message(QueueUrl=os.environ["WORK"], WaitTimeSeconds=1)
        for message in found.get("Messages", []):
            handle = message["ReceiptHandle"]
            queue.delete_message(QueueUrl=os.environ["WORK"], ReceiptHandle=handle)
            tell("worked", body=message["Body"])
            if what == "protected":
                asked("PUT", protection, {"ProtectionEnabled": False})
finally:
    tell("ended")
'''
PROGRAM = """
import json
import pulumi
import pulumi_aws as aws


def trust(service):
    principal = {"Principal": {"Service": service}}
    statement = {"Effect": "Allow", **principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def policy(*statements):
    made = [
        {"Effect": "Allow", "Action": actions, "Resource": resources}
        for actions, resources in statements
    ]
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": made})


names = ("told", "work", "closed")
told, work, closed = (aws.sqs.Queue(name, name=name) for name in names)
cluster = aws.ecs.Cluster("cluster")
role = aws.iam.Role("task-role", assume_role_policy=trust("ecs-tasks.amazonaws.com"))
aws.iam.RolePolicy(
    "task-rights",
    role=role.name,
    policy=policy(
        (["sqs:SendMessage"], told.arn),
        (["sqs:ReceiveMessage", "sqs:DeleteMessage"], work.arn),
        (["ecs:UpdateTaskProtection"], "arn:aws:ecs:*:*:task/*"),
    ),
)


def definition(family, *command, stop_timeout=5, **variables):
    group = aws.cloudwatch.LogGroup(family, name=f"/tasks/{family}")
    given = {"TOLD": told.url, "WORK": work.url, "CLOSED": closed.url, **variables}
    container = {
        "name": "worker",
        "image": "registry.example/worker:1",
        "command": ["python", "-m", "worker", *command],
        "environment": [{"name": name, "value": value} for name, value in given.items()],
        "stopTimeout": stop_timeout,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": group.name,
                "awslogs-region": "us-east-1",
                "awslogs-stream-prefix": "t",
            },
        },
    }
    return aws.ecs.TaskDefinition(
        family,
        family=family,
        cpu="256",
        memory="512",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        task_role_arn=role.arn,
        container_definitions=pulumi.Output.json_dumps([container]),
    )


def service(name, definition, count, **options):
    return aws.ecs.Service(
        name,
        cluster=cluster.arn,
        name=name,
        task_definition=definition.arn,
        desired_count=count,
        launch_type="FARGATE",
        network_configuration={"subnets": ["subnet-1"], "security_groups": ["sg-1"]},
        **options,
    )


for name, queue in zip(names, (told, work, closed)):
    pulumi.export(name, queue.url)
pulumi.export("cluster", cluster.name)
"""


def project(folder: Path, program: str) -> Path:
    """Write a project with a program behind the common one, and the tasks' code."""
    made = folder / "project"
    for part, text in (
        ("fargate/worker/__main__.py", WORKER),
        ("lambdas/shared/words.py", 'HELLO = "hello"\n'),
        ("Pulumi.yaml", "name: tasks\nruntime: python\n"),
        ("Pulumi.local.yaml", "config:\n  aws:region: us-east-1\n"),
        ("__main__.py", PROGRAM + program),
    ):
        path = made / part
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return made


@contextmanager
def deployed(folder: Path, program: str) -> Iterator[LocalStage]:
    """Deploy a project with a program behind the common one."""
    stage = LocalStage(
        state=folder / "state", project=project(folder, program), report=lambda _: None
    )
    try:
        stage.up()
        yield stage
    finally:
        stage.down()


class Look:
    """What is seen of a stage's tasks from outside."""

    def __init__(self, stage: LocalStage) -> None:
        self.stage = stage
        self.outputs = stage.outputs()
        self.ecs, self.sqs = self.client("ecs"), self.client("sqs")
        self._heard: list[dict[str, Any]] = []

    def client(self, service: str) -> Any:
        return client(self.stage.endpoint, service)

    def heard(self, what: str, **more: Any) -> list[dict[str, Any]]:
        """Return what tasks said of this kind until now."""
        url = self.outputs["told"]
        while found := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in found:
                self._heard.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        wanted = {"what": what, **more}
        return [each for each in self._heard if wanted.items() <= each.items()]

    def tasks(self, service: str, status: str = "RUNNING") -> list[dict[str, Any]]:
        cluster = self.outputs["cluster"]
        arns = self.ecs.list_tasks(cluster=cluster, serviceName=service, desiredStatus=status)
        if not arns["taskArns"]:
            return []
        found = self.ecs.describe_tasks(cluster=cluster, tasks=arns["taskArns"])["tasks"]
        return [each for each in found if each["lastStatus"] == status]

    def task(self, arn: str) -> dict[str, Any]:
        found = self.ecs.describe_tasks(cluster=self.outputs["cluster"], tasks=[arn])["tasks"]
        task: dict[str, Any] = found[0]
        return task

    def scale(self, service: str, count: int) -> None:
        cluster = self.outputs["cluster"]
        self.ecs.update_service(cluster=cluster, service=service, desiredCount=count)

    def lines(self, family: str) -> list[str]:
        events = self.client("logs").filter_log_events(logGroupName=f"/tasks/{family}")["events"]
        return [each["message"] for each in events]


def alive(pid: int) -> bool:
    """Whether a process is there and is more than a name in a list."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def eventually(look: Callable[[], Any], seconds: float = 60) -> Any:
    """Return what is seen as soon as there is something, or what was not there in the end."""
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.1)
    return found
