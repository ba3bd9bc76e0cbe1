"""Distributed maps, and workflows that start others."""

import json
from typing import Any

import pytest

from components.core.checks import ArgumentsError
from components.data.bucket import Bucket
from components.workflow.distributed_map import (
    DistributedMap,
    ItemBatcher,
    ItemReader,
    ResultWriter,
)
from components.workflow.flow import Pass
from components.workflow.invoke_function import InvokeFunction
from components.workflow.start_execution import StartExecution
from components.workflow.workflow import Workflow, WorkflowArgs
from tests.contracts.examples.base import plain_function
from tests.recording import Deployment, deploy

MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:"
EXECUTION = MACHINE.replace("stateMachine", "execution")
RULE = (
    "arn:aws:events:eu-central-1:123456789012:rule/"
    "StepFunctionsGetEventsForStepFunctionsExecutionRule"
)


def mapped(**given: Any) -> Deployment:
    def program() -> None:
        bucket = Bucket("files")
        made = {key: make(bucket) if callable(make) else make for key, make in given.items()}
        state = DistributedMap("each", states=[Pass("one")], **made)
        Workflow("flow", WorkflowArgs(states=[state]))

    return deploy(program)


def state(deployment: Deployment) -> Any:
    return deployment.document("StateMachine", "flow-machine", "definition")["States"]["each"]


def rights(deployment: Deployment, name: str = "flow-policy") -> dict[str, Any]:
    policy = deployment.document("RolePolicy", name)
    return {action: each["Resource"] for each in policy["Statement"] for action in each["Action"]}


def test_items_come_from_an_object_that_may_be_read() -> None:
    deployment = mapped(
        reader=lambda b: ItemReader(bucket=b, key="in/a.csv", input_type="CSV", max_items=9)
    )
    assert state(deployment)["ItemReader"] == {
        "Resource": "arn:aws:states:::s3:getObject",
        "Arguments": {"Bucket": "files-bucket-1234567", "Key": "in/a.csv"},
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 9},
    }
    assert rights(deployment)["s3:GetObject"] == ["arn:aws:s3:::files-bucket-1234567/in/a.csv"]


def test_items_may_be_the_objects_themselves() -> None:
    deployment = mapped(reader=lambda b: ItemReader(bucket=b, prefix="in/"))
    assert state(deployment)["ItemReader"] == {
        "Resource": "arn:aws:states:::s3:listObjectsV2",
        "Arguments": {"Bucket": "files-bucket-1234567", "Prefix": "in/"},
    }
    assert rights(deployment)["s3:GetObject"] == ["arn:aws:s3:::files-bucket-1234567/in/*"]


def test_a_key_that_is_not_known_yet_is_of_a_pattern() -> None:
    key = "{% $states.input.key %}"
    deployment = mapped(reader=lambda b: ItemReader(bucket=b, key=key, pattern="in/*"))
    assert state(deployment)["ItemReader"]["Arguments"]["Key"] == key
    assert rights(deployment)["s3:GetObject"] == ["arn:aws:s3:::files-bucket-1234567/in/*"]


def test_items_come_in_batches_and_results_go_to_a_prefix() -> None:
    deployment = mapped(
        items=[1, 2],
        item_selector="{% $states.context.Map.Item.Value %}",
        batcher=ItemBatcher(max_items=2, max_bytes=1_000, batch_input={"a": 1}),
        writer=lambda b: ResultWriter(bucket=b, prefix="out/"),
        tolerated_failures=0,
        tolerated_failure_percent=5,
        max_concurrency=10_000,
        execution_type="EXPRESS",
    )
    made = state(deployment)
    assert made["Items"] == [1, 2]
    assert made["ItemBatcher"] == {
        "MaxItemsPerBatch": 2,
        "MaxInputBytesPerBatch": 1_000,
        "BatchInput": {"a": 1},
    }
    assert made["ResultWriter"] == {
        "Resource": "arn:aws:states:::s3:putObject",
        "Arguments": {"Bucket": "files-bucket-1234567", "Prefix": "out/"},
    }
    assert (made["ToleratedFailureCount"], made["ToleratedFailurePercentage"]) == (0, 5)
    assert made["MaxConcurrency"] == 10_000
    processor = made["ItemProcessor"]["ProcessorConfig"]
    assert processor == {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
    assert rights(deployment)["s3:PutObject"] == ["arn:aws:s3:::files-bucket-1234567/out/*"]


def test_a_distributed_map_starts_executions_of_its_own_machine_before_anybody_starts_it() -> None:
    deployment = mapped(items=[1])
    assert rights(deployment, "flow-map-policy") == {
        "states:StartExecution": [f"{MACHINE}flow-machine"],
        "states:DescribeExecution": [f"{EXECUTION}flow-machine:*"],
        "states:StopExecution": [f"{EXECUTION}flow-machine:*"],
        "states:RedriveExecution": [f"{EXECUTION}flow-machine/*:*"],
    }
    assert "flow-map-policy" in deployment.one("sfn/alias:Alias").depends_on


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "key is None and prefix is None: allowed is one of them"),
        ({"key": "a", "prefix": "b"}, "key is 'a' and prefix is 'b': allowed is one of them"),
        ({"key": "{% 'a' %}"}, "pattern is None for the expression"),
        ({"key": "{% ( %}", "pattern": "*"}, "key or prefix is '{% ( %}': allowed is JSONata"),
    ],
)
def test_a_reader_without_one_source_is_refused(given: Any, message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        ItemReader(bucket=None, **given)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_a_batch_is_of_a_size() -> None:
    with pytest.raises(ArgumentsError, match="max_items and max_bytes are None: allowed is one"):
        ItemBatcher()


@pytest.mark.parametrize("prefix", ["", "a*", "{% 'a' %}", "x" * 901])
def test_results_go_to_a_prefix_that_is_known(prefix: str) -> None:
    with pytest.raises(ArgumentsError, match="allowed is 1 to 900 characters as they are"):
        ResultWriter(bucket=None, prefix=prefix)  # type: ignore[arg-type]


def test_a_map_has_one_source_of_items() -> None:
    with pytest.raises(ArgumentsError, match="each: items and reader are given: allowed is one"):
        mapped(items=[1], reader=lambda b: ItemReader(bucket=b, prefix=""))


def test_an_express_execution_of_an_item_waits_for_nothing() -> None:
    def program() -> None:
        ask = InvokeFunction(
            "ask", function=plain_function(), wait_for_task_token=True, timeout_seconds=9
        )
        DistributedMap("each", states=[ask], execution_type="EXPRESS")

    with pytest.raises(ArgumentsError, match="each: ask: wait_for_task_token: allowed is in STAN"):
        deploy(program)


def started(type_: Any = "STANDARD", **given: Any) -> Deployment:
    def program() -> None:
        inner = Workflow("inner", WorkflowArgs(states=[Pass("one")], type=type_))
        Workflow("flow", WorkflowArgs(states=[StartExecution("each", workflow=inner, **given)]))

    return deploy(program)


def test_another_workflow_is_started_by_its_alias() -> None:
    deployment = started()
    made = state(deployment)
    assert made["Resource"] == "arn:aws:states:::states:startExecution"
    assert made["Arguments"] == {
        "StateMachineArn": f"{MACHINE}inner-machine:live",
        "Input": "{% $states.input %}",
    }
    assert rights(deployment)["states:StartExecution"] == [f"{MACHINE}inner-machine:live"]
    assert "events:PutRule" not in rights(deployment)


def test_who_waits_for_the_end_of_another_may_follow_it_and_hear_of_it() -> None:
    deployment = started(wait_for_end=True, execution_name="n", input={"a": 1})
    made = state(deployment)
    assert made["Resource"] == "arn:aws:states:::states:startExecution.sync:2"
    assert made["Arguments"].items() >= {"Name": "n", "Input": {"a": 1}}.items()
    found = rights(deployment)
    for action in ("states:DescribeExecution", "states:StopExecution"):
        assert found[action] == [f"{EXECUTION}inner-machine:*"]
    for action in ("events:DescribeRule", "events:PutRule", "events:PutTargets"):
        assert found[action] == [RULE]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"wait_for_end": True, "wait_for_task_token": True, "timeout_seconds": 9},
            "each: wait_for_end and wait_for_task_token are True: allowed is one of them",
        ),
        (
            {"wait_for_end": True, "type_": "EXPRESS"},
            "each: wait_for_end is True for inner, an EXPRESS workflow: allowed is a STANDARD one",
        ),
    ],
)
def test_what_cannot_be_waited_for_is_refused(given: Any, message: str) -> None:
    with pytest.raises(ArgumentsError, match=message):
        started(**given)


def test_an_express_workflow_does_not_wait_for_another() -> None:
    def program() -> None:
        inner = Workflow("inner", WorkflowArgs(states=[Pass("one")]))
        waiting = StartExecution("each", workflow=inner, wait_for_end=True)
        WorkflowArgs(states=[waiting], type="EXPRESS")

    with pytest.raises(ArgumentsError, match="each: wait_for_end in an EXPRESS workflow"):
        deploy(program)


def test_definitions_are_json() -> None:
    definition = mapped(items=[1]).inputs("StateMachine", "flow-machine")["definition"]
    assert json.loads(definition)["QueryLanguage"] == "JSONata"
