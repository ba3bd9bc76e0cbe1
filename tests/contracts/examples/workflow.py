"""Programs of workflows."""

from collections.abc import Callable

import pulumi_aws as aws

from components.core.account import Account
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.core.links import Grant
from components.data.bucket import Bucket
from components.data.table import Table, TableArgs
from components.events.dead_letter_queue import DeadLetterQueue
from components.events.event_bus import EventBus
from components.events.queue import Queue, QueueArgs
from components.events.topic import Topic
from components.workflow.distributed_map import (
    DistributedMap,
    ItemBatcher,
    ItemReader,
    ResultWriter,
)
from components.workflow.errors import Catch, Retry
from components.workflow.flow import Choice, Fail, Pass, Succeed, Wait, When
from components.workflow.groups import Map, Parallel
from components.workflow.invoke_function import InvokeFunction
from components.workflow.message_tasks import Event, Publish, PutEvents, SendMessage
from components.workflow.start_execution import StartExecution
from components.workflow.state import State
from components.workflow.table_tasks import DeleteItem, GetItem, PutItem, UpdateItem
from components.workflow.task import CallService
from components.workflow.workflow import Workflow, WorkflowArgs
from tests.contracts.examples.base import plain_function

ID = {"id": {"S": "{% $id %}"}}


def key(*services: str) -> EncryptionKey:
    account = Account.current(aws.Provider("aws"))
    services = services or ("logs", "delivery.logs")
    return EncryptionKey("data", EncryptionKeyArgs(account=account, services=services))


def telling(shared: EncryptionKey) -> list[State]:
    ordered = Queue("ordered", QueueArgs(fifo=True, key=shared))
    return [
        Parallel(
            "Tell all",
            branches=[
                [
                    SendMessage(
                        "Tell in order",
                        queue=ordered,
                        message={"id": "{% $id %}"},
                        attributes={"kind": "told"},
                        group_id="{% $id %}",
                        deduplication_id="{% $id %}",
                    )
                ],
                [Publish("Tell those who ask", topic=Topic("news"), message="{% $id %}")],
                [
                    PutEvents(
                        "Tell the bus",
                        bus=EventBus("orders"),
                        events=[Event(source="flow", detail_type="Told", detail={"id": "1"})],
                    )
                ],
            ],
            arguments={"id": "{% $id %}"},
            catch=[Catch(errors=["States.ALL"], next="Put away", output="{% $states.input %}")],
        )
    ]


def items(table: Table) -> list[State]:
    return [
        GetItem("Read", table=table, key=ID, request={"ConsistentRead": True}),
        Choice(
            "There?",
            choices=[
                When(
                    condition="{% $exists($states.input.Item) %}",
                    next="Change",
                    assign={"found": True},
                    output={"id": "{% $id %}"},
                )
            ],
            default="Write",
            assign={"found": False},
        ),
        PutItem("Write", table=table, item=ID, next="Remove"),
        UpdateItem(
            "Change",
            table=table,
            key=ID,
            request={
                "UpdateExpression": "SET n = :n",
                "ConditionExpression": "attribute_exists(id)",
                "ExpressionAttributeValues": {":n": {"N": "1"}},
            },
            catch=[Catch(errors=["DynamoDB.ConditionalCheckFailedException"], next="Lost")],
        ),
        DeleteItem("Remove", table=table, key=ID),
    ]


def large(small: Workflow) -> Workflow:
    """A distributed map over what is in buckets, and workflows inside a workflow."""
    bucket = Bucket("files")
    start = StartExecution("Start", workflow=small, input={"id": "{% $states.input %}"})
    return Workflow(
        "large",
        WorkflowArgs(
            states=[
                DistributedMap(
                    "Rows",
                    reader=ItemReader(
                        bucket=bucket,
                        key="{% $states.input.key %}",
                        pattern="imports/*",
                        input_type="CSV",
                        max_items=100_000,
                    ),
                    batcher=ItemBatcher(max_items=100, batch_input={"by": "rows"}),
                    writer=ResultWriter(bucket=bucket, prefix="results/"),
                    tolerated_failures=10,
                    tolerated_failure_percent=5,
                    states=[start],
                ),
                DistributedMap(
                    "Objects",
                    reader=ItemReader(bucket=bucket, prefix="imports/"),
                    execution_type="EXPRESS",
                    states=[Pass("Look", output="{% $states.input.Key %}")],
                ),
                StartExecution(
                    "Wait for it",
                    workflow=small,
                    execution_name="{% $states.context.Execution.Name %}",
                    wait_for_end=True,
                    timeout_seconds=3_600,
                ),
            ]
        ),
    )


def written(queue: DeadLetterQueue) -> Workflow:
    args = WorkflowArgs(
        definition_file="tests/contracts/examples/written.asl.json",
        substitutions={"QueueUrl": queue.url, "Partition": "aws"},
        links=[queue.sender()],
        tracing=False,
        log_level="OFF",
    )
    return Workflow("written", args)


def workflow() -> Workflow:
    shared = key()
    table = Table("items", TableArgs(partition_key="id", key=shared))
    lost = DeadLetterQueue("lost")
    states: list[State] = [
        Pass("Begin", comment="the id serves all", assign={"id": "{% $states.input.id %}"}),
        InvokeFunction(
            "Check",
            function=plain_function("check"),
            payload={"id": "{% $id %}"},
            assign={"total": "{% $states.result.Payload.total %}"},
            retry=[Retry(errors=["BusyError"], max_delay_seconds=60)],
            catch=[
                Catch(
                    errors=["DeclinedError"],
                    next="Lost",
                    assign={"reason": "{% $parse($states.errorOutput.Cause).errorMessage %}"},
                )
            ],
        ),
        InvokeFunction(
            "Ask",
            function=plain_function("ask"),
            invocation="Event",
            wait_for_task_token=True,
            payload={"token": "{% $states.context.Task.Token %}"},
            timeout_seconds=86_400,
            heartbeat_seconds=3_600,
        ),
        *items(table),
        Map(
            "Each",
            items="{% [1..3] %}",
            item_selector={"number": "{% $states.context.Map.Item.Value %}"},
            max_concurrency=2,
            states=[Wait("Rest", seconds=1), Wait("Until", until="{% $now() %}")],
        ),
        *telling(shared),
        CallService(
            "Look up",
            service="dynamodb",
            action="query",
            request={"TableName": table.name},
            permissions=[Grant(actions=("dynamodb:Query",), resources=(table.arn,))],
            next="Done",
        ),
        SendMessage("Put away", queue=lost, message="{% $states.input %}", end=True),
        Succeed("Done", output={"id": "{% $id %}"}),
        Fail("Lost", error="LostError", cause="nobody knows"),
    ]
    made = Workflow(
        "flow",
        WorkflowArgs(
            states=states,
            comment="all",
            timeout_seconds=604_800,
            links=[lost.sender()],
            key=shared,
        ),
    )
    plain_function("use", links=[made.starter(), made.callback_sender()])
    large(made)
    written(lost)
    EventBus("events").on("start", {"source": ["orders"]}, made)
    Workflow(
        "quick",
        WorkflowArgs(
            type="EXPRESS",
            states=[Wait("Pause", seconds_from="{% $states.input.seconds %}", output={})],
            timeout_seconds=300,
        ),
    )
    return made


EXAMPLES: dict[type, Callable[[], object]] = {Workflow: workflow}
