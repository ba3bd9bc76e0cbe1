"""One service, written with components and written plainly: the same resources twice."""

import json

import pulumi
import pulumi_aws as aws

from components.compute.function import Function, FunctionArgs
from components.compute.runtime import PYTHON
from components.core.packaging import package_folder
from components.data.table import Table, TableArgs
from components.events.event_bus import EventBus
from components.events.queue import Queue

CODE = "lambdas/orders"
HANDLER = "orders.handler.place"


def with_components(n: int) -> None:
    """Make a queue, a function that writes to a table, and a bus that it publishes on."""
    table = Table(f"items-{n}", TableArgs(partition_key="id"))
    bus = EventBus(f"events-{n}")
    links = [table.writer(), bus.publisher()]
    work = Function(f"work-{n}", FunctionArgs(code=CODE, handler=HANDLER, links=links))
    Queue(f"incoming-{n}").subscribe(work)


def plainly(n: int) -> None:
    """Make the same resources with pulumi_aws alone."""
    table = aws.dynamodb.Table(
        f"items-{n}-table",
        hash_key="id",
        attributes=[{"name": "id", "type": "S"}],
        global_secondary_indexes=[],
        local_secondary_indexes=[],
        billing_mode="PAY_PER_REQUEST",
        stream_enabled=False,
        point_in_time_recovery={"enabled": True},
        replicas=[],
        deletion_protection_enabled=False,
    )
    bus = aws.cloudwatch.EventBus(f"events-{n}-bus")
    aws.cloudwatch.EventArchive(f"events-{n}-archive", event_source_arn=bus.arn, retention_days=14)
    _function(n, table, bus)


def _function(n: int, table: aws.dynamodb.Table, bus: aws.cloudwatch.EventBus) -> None:
    logs = aws.cloudwatch.LogGroup(f"work-{n}-logs", retention_in_days=14)
    role = aws.iam.Role(
        f"work-{n}-role",
        assume_role_policy=json.dumps(
            _document(_allow("sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"}))
        ),
    )
    streams = logs.arn.apply(lambda arn: f"{arn}:log-stream:*")
    writes = ["BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem"]
    policy = aws.iam.RolePolicy(
        f"work-{n}-policy",
        role=role.name,
        policy=pulumi.Output.json_dumps(
            _document(
                _allow(["logs:CreateLogStream", "logs:PutLogEvents"], Resource=[streams]),
                _allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource=["*"]),
                _allow([f"dynamodb:{each}" for each in writes], Resource=[table.arn]),
                _allow(["events:PutEvents"], Resource=[bus.arn]),
            )
        ),
    )
    function = aws.lambda_.Function(
        f"work-{n}-function",
        role=role.arn,
        runtime="python3.14",
        architectures=["arm64"],
        handler=HANDLER,
        code=pulumi.FileArchive(package_folder(CODE, python=PYTHON).path),
        layers=[],
        memory_size=256,
        timeout=10,
        ephemeral_storage={"size": 512},
        environment={
            "variables": {
                f"ITEMS_{n}_TABLE_NAME": table.name,
                f"EVENTS_{n}_BUS_NAME": bus.name,
                "POWERTOOLS_SERVICE_NAME": f"work-{n}",
                "POWERTOOLS_METRICS_NAMESPACE": pulumi.get_project(),
            }
        },
        tracing_config={"mode": "Active"},
        logging_config={
            "log_format": "JSON",
            "log_group": logs.name,
            "application_log_level": "INFO",
            "system_log_level": "INFO",
        },
        publish=True,
        opts=pulumi.ResourceOptions(depends_on=[policy]),
    )
    alias = aws.lambda_.Alias(
        f"work-{n}-live",
        name="live",
        function_name=function.name,
        function_version=function.version,
    )
    _queue(n, role, alias)


def _queue(n: int, role: aws.iam.Role, alias: aws.lambda_.Alias) -> None:
    failed = aws.sqs.Queue(
        f"incoming-{n}-dead-letters-queue",
        message_retention_seconds=1_209_600,
        sqs_managed_sse_enabled=True,
    )
    redrive = {"deadLetterTargetArn": failed.arn, "maxReceiveCount": 5}
    queue = aws.sqs.Queue(
        f"incoming-{n}-queue",
        visibility_timeout_seconds=180,
        message_retention_seconds=345_600,
        receive_wait_time_seconds=20,
        redrive_policy=pulumi.Output.json_dumps(redrive),
        sqs_managed_sse_enabled=True,
    )
    actions = [
        f"sqs:{each}"
        for each in (
            *("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl"),
            *("PurgeQueue", "ReceiveMessage", "SendMessage", "SetQueueAttributes"),
        )
    ]
    for name, each in ((f"incoming-{n}-dead-letters", failed), (f"incoming-{n}", queue)):
        deny: dict[str, object] = {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": actions,
            "Resource": each.arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        aws.sqs.QueuePolicy(
            f"{name}-policy",
            queue_url=each.url,
            policy=pulumi.Output.json_dumps(_document(deny)),
        )
    allow = {"redrivePermission": "byQueue", "sourceQueueArns": [queue.arn]}
    aws.sqs.RedriveAllowPolicy(
        f"incoming-{n}-redrive-allow",
        queue_url=failed.url,
        redrive_allow_policy=pulumi.Output.json_dumps(allow),
    )
    receive = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    reading = aws.iam.RolePolicy(
        f"work-{n}-incoming-{n}-policy",
        role=role.name,
        policy=pulumi.Output.json_dumps(_document(_allow(receive, Resource=[queue.arn]))),
    )
    aws.lambda_.EventSourceMapping(
        f"work-{n}-incoming-{n}-mapping",
        event_source_arn=queue.arn,
        function_name=alias.arn,
        function_response_types=["ReportBatchItemFailures"],
        batch_size=10,
        maximum_batching_window_in_seconds=0,
        opts=pulumi.ResourceOptions(depends_on=[reading]),
    )


def _document(*statements: dict[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(actions: str | list[str], **more: object) -> dict[str, object]:
    order = ("Principal", "Action", "Resource")
    given = {"Action": actions, **more}
    return {"Effect": "Allow", **{key: given[key] for key in order if key in given}}
