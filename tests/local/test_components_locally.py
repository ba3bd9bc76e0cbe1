"""Components on the local stage: what changes in place, and the README's shortest example."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from local.aws import client
from local.stage import LocalStage
from tests.local.small import write_items

pytestmark = pytest.mark.local
README = Path("README.md").read_text()
PROGRAM = """
import pulumi
from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize
from components.core.logs import LogSettings
from components.data.table import Table, TableArgs
from components.data.table_capacity import TableCapacity
from components.data.table_index import TableIndex

by_owner = TableIndex(name="by_owner", partition_key="owner")
table = Table(
    "items",
    TableArgs(partition_key="id", indexes=[by_owner], capacity=TableCapacity({capacity})),
)
args = FunctionArgs(
    code="lambdas/items",
    handler="items.handler.store",
    size=FunctionSize({size}),
    logs=LogSettings({logs}),
)
work = Function("work", args)
pulumi.export("table", table.name)
pulumi.export("function", work.function.name)
pulumi.export("logs", work.logs.name)
"""
HANDLER = """
import os
import boto3

table = boto3.resource("dynamodb").Table(os.environ["ITEMS_TABLE_NAME"])

def store(event, context):
    for record in event["Records"]:
        table.put_item(Item={"id": record["body"]})
    return {"batchItemFailures": []}
"""


@pytest.fixture
def project(project: Path) -> Path:
    write_items(project, HANDLER)
    return project


START = {
    "capacity": "read_units=100, write_units=100",
    "size": "memory_mb=128, provisioned_concurrency=1",
    "logs": "retention_days=14",
}
PROVISIONED = 'mode="provisioned", read_units=5, write_units=5'
SCALED = f"{PROVISIONED}, max_read_units=50, max_write_units=50"
CHANGES: list[tuple[dict[str, str], dict[str, int]]] = [
    ({"capacity": PROVISIONED}, {"update": 1}),
    # Auto scaling is two resources more for each side of the table and of its index.
    ({"capacity": SCALED}, {"create": 8}),
    ({"capacity": "read_units=100, write_units=100"}, {"update": 1, "delete": 8}),
    # Switched to auto scaling at once, its capacity is what auto scaling then makes of it.
    ({"capacity": SCALED}, {"update": 1, "create": 8}),
    # A new size is a new version, to which the alias moves.
    ({"size": "memory_mb=256, provisioned_concurrency=1"}, {"update": 2}),
    ({"size": "memory_mb=256, provisioned_concurrency=2"}, {"update": 1}),
    ({"logs": "retention_days=30"}, {"update": 1}),
]


def test_capacity_size_concurrency_and_retention_change_in_place(
    stage: LocalStage, project: Path
) -> None:
    settings = dict(START)
    (project / "__main__.py").write_text(PROGRAM.format(**settings))
    stage.up()
    outputs = stage.outputs()
    for change, expected in CHANGES:
        settings |= change
        (project / "__main__.py").write_text(PROGRAM.format(**settings))
        changes = {op: n for op, n in stage.up().changes.items() if op != "same"}
        assert changes == expected, change
        assert stage.outputs() == outputs
    dynamodb = client(stage.endpoint, "dynamodb")
    table = dynamodb.describe_table(TableName=outputs["table"])["Table"]
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] > 0
    function = client(stage.endpoint, "lambda").get_function(FunctionName=outputs["function"])
    assert function["Configuration"]["MemorySize"] == 256


def test_the_readmes_shortest_example_runs(stage: LocalStage, project: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exports = 'import pulumi\npulumi.export("table", items.name)\n'
    (project / "__main__.py").write_text(code + exports)
    stage.up()
    sqs, dynamodb = client(stage.endpoint, "sqs"), client(stage.endpoint, "dynamodb")
    (url,) = [u for u in sqs.list_queues()["QueueUrls"] if "/incoming-queue-" in u]
    for number in range(3):
        sqs.send_message(QueueUrl=url, MessageBody=f"message-{number}")
    found: list[Any] = []
    for _ in range(300):
        found = dynamodb.scan(TableName=stage.outputs()["table"])["Items"]
        if len(found) == 3:
            break
        time.sleep(0.1)
    bodies = sorted(item["id"]["S"] for item in found)
    assert bodies == [f"message-{number}" for number in range(3)], json.dumps(found)
