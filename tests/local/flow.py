"""A program with a workflow that goes through all kinds of states, and its functions."""

HANDLER = '''
import json
import os
import boto3

states = boto3.client("stepfunctions")
seen = boto3.resource("dynamodb").Table(os.environ["SEEN_TABLE_NAME"])


class FlakyError(Exception):
    pass


class DeclinedError(Exception):
    pass


def flaky(event, context):
    """Fail at the first attempt for each id."""
    key = {"id": "flaky-" + event["id"]}
    item = seen.update_item(
        Key=key, UpdateExpression="ADD attempts :one", ExpressionAttributeValues={":one": 1},
        ReturnValues="ALL_NEW",
    )
    if item["Attributes"]["attempts"] < 2:
        raise FlakyError("again")
    if event["kind"] == "declined":
        raise DeclinedError("no money")
    return {"total": event["amount"] * 2}


def double(event, context):
    return event["number"] * 2


def ask(event, context):
    """Answer for the token, as a person would do later; or for the last one, once more."""
    if event["kind"] == "again":
        token = seen.get_item(Key={"id": "token"})["Item"]["token"]
        try:
            states.send_task_success(taskToken=token, output="{}")
        except states.exceptions.TaskDoesNotExist:
            return "nobody waits"
    seen.put_item(Item={"id": "token", "token": event["token"]})
    states.send_task_heartbeat(taskToken=event["token"])
    if event["kind"] == "refused":
        states.send_task_failure(taskToken=event["token"], error="RefusedError", cause="no")
    elif event["kind"] != "silent":
        states.send_task_success(taskToken=event["token"], output=json.dumps({"by": "me"}))


def start(event, context):
    name = os.environ["WORKFLOW"]
    return states.start_execution(stateMachineArn=os.environ[name], input=json.dumps(event))[
        "executionArn"
    ]


def run(event, context):
    answer = states.start_sync_execution(
        stateMachineArn=os.environ["QUICK_WORKFLOW_ARN"], input=json.dumps(event)
    )
    return {"status": answer["status"], "output": json.loads(answer["output"])}
'''
FLOW = """
import pulumi
from components.compute.function import Function, FunctionArgs
from components.core.links import Grant
from components.data.bucket import Bucket, BucketArgs
from components.data.table import Table, TableArgs
from components.events.event_bus import EventBus
from components.events.queue import Queue, QueueArgs
from components.workflow.distributed_map import (
    DistributedMap, ItemBatcher, ItemReader, ResultWriter,
)
from components.workflow.errors import Catch, Retry
from components.workflow.flow import Choice, Fail, Pass, Succeed, Wait, When
from components.workflow.groups import Map, Parallel
from components.workflow.invoke_function import InvokeFunction
from components.workflow.message_tasks import Event, PutEvents, SendMessage
from components.workflow.start_execution import StartExecution
from components.workflow.table_tasks import GetItem, PutItem, UpdateItem
from components.workflow.task import CallService
from components.workflow.workflow import Workflow, WorkflowArgs

seen = Table("seen", TableArgs(partition_key="id"))

def function(name, *links, **environment):
    links = [seen.reader_writer(), *links]
    args = FunctionArgs(
        code="lambdas/items", handler=f"items.handler.{name}", links=links, environment=environment
    )
    return Function(name, args)

told, bus = Queue("told"), EventBus("shop")
KEY = {"id": {"S": "{% $id %}"}}

asking = function("ask")
flow = Workflow("flow", WorkflowArgs(states=[
    Pass("Begin", assign={
        "id": "{% $states.input.detail.id %}",
        "kind": "{% $states.input.detail.kind %}",
        "amount": "{% $states.input.detail.amount %}",
    }),
    Choice(
        "Known?",
        choices=[When(condition="{% $kind != 'unknown' %}", next="Charge")],
        default="Unknown",
        assign={"why": "unknown"},
        output={"why": "unknown"},
    ),
    Fail("Unknown", error="UnknownError", cause="{% $states.input.why & $why %}"),
    InvokeFunction(
        "Charge",
        function=function("flaky"),
        payload={"id": "{% $id %}", "kind": "{% $kind %}", "amount": "{% $amount %}"},
        retry=[Retry(errors=["FlakyError"])],
        catch=[Catch(
            errors=["DeclinedError"],
            next="Rejected",
            assign={"why": "{% $parse($states.errorOutput.Cause).errorMessage %}"},
        )],
        assign={"total": "{% $states.result.Payload.total %}"},
    ),
    PutItem(
        "Store",
        table=seen,
        item={**KEY, "state": {"S": "NEW"}, "at": {"S": "{% $now() %}"}},
        request={"ConditionExpression": "attribute_not_exists(id)"},
        catch=[Catch(errors=["DynamoDB.ConditionalCheckFailedException"], next="Read")],
    ),
    Parallel(
        "Tell all",
        branches=[
            [SendMessage(
                "Tell the queue",
                queue=told,
                message={"id": "{% $id %}", "run": "{% $states.context.Execution.Id %}"},
                attributes={"kind": "{% $kind %}"},
                assign={"inside": "queue"},
            ), Pass("Queue told", output="{% $inside %}")],
            [PutEvents(
                "Tell the bus",
                bus=bus,
                events=[Event(source="flow", detail_type="Told", detail={"id": "{% $id %}"})],
                assign={"inside": "bus"},
            ), Pass("Bus told", output="{% $inside %}")],
        ],
        assign={"told": "{% $states.result %}"},
    ),
    Map(
        "Double each",
        items="{% [1..3] %}",
        item_selector={"number": "{% $states.context.Map.Item.Value %}"},
        states=[InvokeFunction("Double", function=function("double"),
                               output="{% $states.result.Payload %}")],
        assign={"doubled": "{% $states.result %}"},
    ),
    Wait("A while", seconds=3600),
    InvokeFunction(
        "Ask",
        function=asking,
        wait_for_task_token=True,
        invocation="Event",
        payload={"token": "{% $states.context.Task.Token %}", "kind": "{% $kind %}"},
        timeout_seconds=600,
        heartbeat_seconds=2,
        catch=[Catch(errors=["RefusedError", "States.HeartbeatTimeout"], next="Rejected",
                     assign={"why": "{% $states.errorOutput.Error %}"})],
        assign={"by": "{% $states.result.by %}"},
    ),
    UpdateItem(
        "Confirm",
        table=seen,
        key=KEY,
        request={
            "UpdateExpression": "SET #s = :s",
            "ConditionExpression": "#s = :new",
            "ExpressionAttributeNames": {"#s": "state"},
            "ExpressionAttributeValues": {":s": {"S": "CONFIRMED"}, ":new": {"S": "NEW"}},
        },
        next="Confirmed",
    ),
    GetItem("Read", table=seen, key=KEY, output="{% $states.result.Item.state.S %}",
            next="Was there"),
    Succeed("Was there", output={"was": "{% $states.input %}"}),
    Succeed("Confirmed", output={
        "total": "{% $total %}", "told": "{% $told %}", "doubled": "{% $doubled %}",
        "by": "{% $by %}",
    }),
    Fail("Rejected", error="RejectedError", cause="{% $why %}"),
]))
asking.grant("answer-policy", *flow.callback_sender().grants)
bus.on("placed", {"detail-type": ["Placed"]}, flow)
bus_told = Queue("bus-told", QueueArgs(sources=[bus]))
bus.on("told", {"detail-type": ["Told"]}, bus_told)
start = function("start", flow.starter(), WORKFLOW="FLOW_WORKFLOW_ARN")
quick = Workflow("quick", WorkflowArgs(type="EXPRESS", states=[
    Pass("Answer", output={"got": "{% $states.input %}"}),
]))
run = function("run", quick.starter())
strange = CallService(
    "Query", service="dynamodb", action="query",
    request={
        "TableName": seen.name,
        "KeyConditionExpression": "id = :i",
        "ExpressionAttributeValues": {":i": {"S": "nobody"}},
    },
    permissions=[Grant(actions=("dynamodb:Query",), resources=(seen.arn,))],
    output="{% $states.result.Count %}",
)
lacking = CallService("Scan", service="dynamodb", action="scan", request={"TableName": seen.name},
                      permissions=[Grant(actions=("dynamodb:Query",), resources=(seen.arn,))])
files = Bucket("files", BucketArgs(force_destroy=True))
rows = Workflow("rows", WorkflowArgs(states=[
    Pass("Before", assign={"outside": 1}, output="{% $states.input %}"),
    DistributedMap(
        "Rows",
        reader=ItemReader(bucket=files, key="{% $states.input.key %}", pattern="in/*",
                          input_type="CSV"),
        item_selector={"n": "{% $number($states.context.Map.Item.Value.number) %}"},
        batcher=ItemBatcher(max_items=2, batch_input={"by": "rows"}),
        states=[Pass("Sum", output={"by": "{% $states.input.BatchInput.by %}",
                                    "sum": "{% $sum($states.input.Items.n) %}"})],
        assign={"sums": "{% $states.result %}"},
    ),
    DistributedMap(
        "Keep",
        items="{% $sums.sum %}",
        writer=ResultWriter(bucket=files, prefix="out/"),
        states=[Pass("Kept", output="{% $states.input * 10 %}")],
        output={"sums": "{% $sums %}", "where": "{% $states.result.ResultWriterDetails.Key %}"},
    ),
]))
outer = Workflow("outer", WorkflowArgs(states=[
    StartExecution("Rows of it", workflow=rows, input={"key": "{% $states.input.detail.id %}"},
                   wait_for_end=True, output="{% $states.result.Output %}"),
]))
asked = Workflow("asked", WorkflowArgs(states=[strange]))
refused = Workflow("refused", WorkflowArgs(states=[lacking]))
for each in (flow, asked, refused, outer):
    pulumi.export(each.name, each.target.arn)
for each in (asking, start, run):
    pulumi.export(each.name, each.function.name)
pulumi.export("bus", bus.name)
pulumi.export("told", told.url)
pulumi.export("files", files.name)
pulumi.export("bus-told", bus_told.url)
"""
