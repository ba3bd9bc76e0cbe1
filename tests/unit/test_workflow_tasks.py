"""The steps of a workflow that call a service, and what they may do."""

from typing import Any

import pytest

from components.core.links import Grant, Link
from components.data.table import Table, TableArgs
from components.events.dead_letter_queue import DeadLetterQueue
from components.events.event_bus import EventBus
from components.events.queue import Queue, QueueArgs
from components.events.topic import Topic, TopicArgs
from components.workflow.errors import Retry
from components.workflow.invoke_function import InvokeFunction
from components.workflow.message_tasks import Event, Publish, PutEvents, SendMessage
from components.workflow.state import State
from components.workflow.table_tasks import DeleteItem, GetItem, PutItem, UpdateItem
from components.workflow.task import CallService
from components.workflow.workflow import Workflow, WorkflowArgs
from tests.contracts.examples.base import plain_function
from tests.recording import Deployment, deploy

KEY = {"id": {"S": "1"}}
TRANSIENT = "Lambda.TooManyRequestsException"


def flow(*make: Any, **args: Any) -> Deployment:
    """Deploy a workflow whose states are made inside the program."""
    return deploy(
        lambda: Workflow("flow", WorkflowArgs(states=[each() for each in make], **args)) and None
    )


def written(deployment: Deployment) -> Any:
    return deployment.document("StateMachine", "flow-machine", "definition")["States"]


def statements(deployment: Deployment) -> dict[str, Any]:
    policy = deployment.document("RolePolicy", "flow-policy")
    return {each["Action"][0]: each["Resource"] for each in policy["Statement"]}


def test_a_function_is_called_by_its_alias_with_the_input() -> None:
    deployment = flow(lambda: InvokeFunction("work", function=plain_function()))
    made = written(deployment)["work"]
    assert made["Resource"] == "arn:aws:states:::lambda:invoke"
    assert made["Arguments"]["FunctionName"].endswith(":live")
    assert made["Arguments"]["Payload"] == "{% $states.input %}"
    assert made["TimeoutSeconds"] == 10 + 30
    assert statements(deployment)["lambda:InvokeFunction"] == [made["Arguments"]["FunctionName"]]


@pytest.mark.parametrize(
    ("own", "order"),
    [
        ([], [TRANSIENT]),
        (["OwnError"], ["OwnError", TRANSIENT]),
        (["OwnError", "States.ALL"], ["OwnError", TRANSIENT, "States.ALL"]),
        (["States.TaskFailed", "OwnError"], [TRANSIENT, "States.TaskFailed", "OwnError"]),
    ],
)
def test_lambdas_transient_errors_are_retried_unless_something_wider_comes_first(
    own: list[str], order: list[str]
) -> None:
    retry = [Retry(errors=[each]) for each in own]
    deployment = flow(lambda: InvokeFunction("work", function=plain_function(), retry=retry))
    found = written(deployment)["work"]["Retry"]
    assert [each["ErrorEquals"][-1] for each in found] == order
    transient = found[order.index(TRANSIENT)]
    assert (transient["MaxAttempts"], transient["MaxDelaySeconds"]) == (6, 30)
    assert (transient["BackoffRate"], transient["JitterStrategy"]) == (2.0, "FULL")


def test_transient_errors_are_not_retried_where_that_is_off() -> None:
    work = lambda: InvokeFunction("work", function=plain_function(), retry_transient=False)  # noqa: E731
    assert "Retry" not in written(flow(work))["work"]


def test_an_event_waits_for_its_token_and_keeps_what_fails() -> None:
    deployment = flow(
        lambda: InvokeFunction(
            "ask",
            function=plain_function(),
            invocation="Event",
            wait_for_task_token=True,
            payload={"token": "{% $states.context.Task.Token %}"},
            timeout_seconds=600,
            heartbeat_seconds=60,
        )
    )
    made = written(deployment)["ask"]
    assert made["Resource"] == "arn:aws:states:::lambda:invoke.waitForTaskToken"
    assert made["Arguments"]["InvocationType"] == "Event"
    assert (made["TimeoutSeconds"], made["HeartbeatSeconds"]) == (600, 60)
    assert deployment.one("FunctionEventInvokeConfig").name == "work-asynchronous"


class Durable:
    """A function of another kind than Function."""

    def __init__(self) -> None:
        function = plain_function()
        self.target = function.target
        self.keep_failed_events = function.keep_failed_events
        self.destination_grants = function.destination_grants


def test_the_timeout_of_another_kind_of_function_is_not_guessed() -> None:
    made = written(flow(lambda: InvokeFunction("work", function=Durable())))["work"]
    assert "TimeoutSeconds" not in made


def items() -> Table:
    return Table("items", TableArgs(partition_key="id"))


REQUEST = {"ReturnConsumedCapacity": "NONE"}


@pytest.mark.parametrize(
    ("make", "action", "member"),
    [
        (lambda t: GetItem("do", table=t, key=KEY, request=REQUEST), "GetItem", "Key"),
        (lambda t: PutItem("do", table=t, item=KEY, request=REQUEST), "PutItem", "Item"),
        (lambda t: UpdateItem("do", table=t, key=KEY, request=REQUEST), "UpdateItem", "Key"),
        (lambda t: DeleteItem("do", table=t, key=KEY, request=REQUEST), "DeleteItem", "Key"),
    ],
)
def test_a_table_is_called_without_a_function_and_by_one_right(
    make: Any, action: str, member: str
) -> None:
    deployment = flow(lambda: make(items()))
    made = written(deployment)["do"]
    name = action[0].lower() + action[1:]
    assert made["Resource"] == f"arn:aws:states:::dynamodb:{name}"
    assert made["Arguments"] == {"TableName": "items-table-1234567", member: KEY, **REQUEST}
    assert "DynamoDB.ThrottlingException" in made["Retry"][0]["ErrorEquals"]
    found = statements(deployment)
    assert found[f"dynamodb:{action}"] == [deployment.arn("table:Table")]
    assert [each for each in found if each.startswith("dynamodb:")] == [f"dynamodb:{action}"]


@pytest.mark.parametrize("make", [Queue, DeadLetterQueue])
def test_a_message_goes_to_a_queue_of_either_kind(make: Any) -> None:
    deployment = flow(
        lambda: SendMessage(
            "tell", queue=make("told"), message={"a": 1}, attributes={"kind": "{% 'x' %}"}
        )
    )
    made = written(deployment)["tell"]
    assert made["Resource"] == "arn:aws:states:::sqs:sendMessage"
    assert made["Arguments"]["QueueUrl"].endswith("/told-queue")
    assert made["Arguments"]["MessageBody"] == {"a": 1}
    assert made["Arguments"]["MessageAttributes"] == {
        "kind": {"DataType": "String", "StringValue": "{% 'x' %}"}
    }
    (arn,) = statements(deployment)["sqs:SendMessage"]
    assert arn.endswith(":told-queue")


def test_a_message_to_fifo_names_its_group() -> None:
    grouped: Any = {"message": "m", "group_id": "g", "deduplication_id": "d"}
    ids = {"MessageGroupId": "g", "MessageDeduplicationId": "d"}
    deployment = flow(
        lambda: SendMessage("send", queue=Queue("told", QueueArgs(fifo=True)), **grouped),
        lambda: Publish("publish", topic=Topic("news", TopicArgs(fifo=True)), **grouped),
    )
    sent, published = (each["Arguments"] for each in written(deployment).values())
    assert sent.items() >= {**ids, "MessageBody": "m"}.items()
    assert published.items() >= {**ids, "Message": "m"}.items()
    assert published["TopicArn"] == deployment.arn("topic:Topic")
    assert statements(deployment)["sns:Publish"] == [published["TopicArn"]]


def test_events_go_to_one_bus() -> None:
    event = Event(source="flow", detail_type="Told", detail={"id": "{% $states.input.id %}"})
    deployment = flow(lambda: PutEvents("tell", bus=EventBus("shop"), events=[event]))
    made = written(deployment)["tell"]
    assert made["Arguments"]["Entries"] == [
        {
            "EventBusName": "shop-bus-1234567",
            "Source": "flow",
            "DetailType": "Told",
            "Detail": {"id": "{% $states.input.id %}"},
        }
    ]
    assert statements(deployment)["events:PutEvents"] == [deployment.arn("eventBus:EventBus")]


def test_any_service_is_called_with_the_rights_named() -> None:
    grant = Grant(actions=("s3:GetObject",), resources=("arn:aws:s3:::b/k",))
    read = {"Bucket": "b", "Key": "k"}
    deployment = flow(
        lambda: CallService(
            "read", service="s3", action="getObject", request=read, permissions=[grant]
        )
    )
    made = written(deployment)["read"]
    assert made["Resource"] == "arn:aws:states:::aws-sdk:s3:getObject"
    assert made["Arguments"] == read
    assert statements(deployment)["s3:GetObject"] == ["arn:aws:s3:::b/k"]


def test_rights_for_the_same_are_one_statement() -> None:
    condition = {"StringEquals": {"a": "b"}}
    conditional = Grant(actions=("sqs:SendMessage",), resources=("arn:q",), conditions=condition)

    def program() -> None:
        one, other = plain_function("one"), plain_function("other")
        states: list[State] = [
            InvokeFunction("first", function=one),
            InvokeFunction("second", function=other),
            InvokeFunction("third", function=one),
        ]
        links = [Link(grants=(conditional,)), one.invoker()]
        Workflow("flow", WorkflowArgs(states=states, links=links))

    policy = deploy(program).document("RolePolicy", "flow-policy")
    found = [(each["Action"][0], each.get("Condition")) for each in policy["Statement"]]
    assert found.count(("lambda:InvokeFunction", None)) == 1
    assert len(policy["Statement"][2]["Resource"]) == 2
    assert found[-1] == ("sqs:SendMessage", condition)
