"""Workflows on the local stage, with the rights of their roles enforced."""

import json
import time
from typing import Any

import pytest

from local.aws import client
from local.stage import LocalStage
from tests.local.flow import FLOW, HANDLER
from tests.local.small import write_items

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("workflows")
    project = folder / "project"
    write_items(project, HANDLER)
    (project / "Pulumi.yaml").write_text("name: flows\nruntime: python\n")
    (project / "Pulumi.local.yaml").write_text("config:\n  aws:region: us-east-1\n")
    (project / "__main__.py").write_text(FLOW)
    made = LocalStage(state=folder / "state", project=project, report=lambda _: None)
    made.up()
    yield made
    made.down()


def ended(stage: LocalStage, execution: str) -> dict[str, Any]:
    states = client(stage.endpoint, "stepfunctions")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found: dict[str, Any] = states.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            return found
        time.sleep(0.1)
    raise AssertionError(states.get_execution_history(executionArn=execution)["events"][-3:])


def run(stage: LocalStage, name: str, id_: str = "", kind: str = "plain") -> dict[str, Any]:
    detail = {"id": id_, "kind": kind, "amount": 5}
    started = client(stage.endpoint, "stepfunctions").start_execution(
        stateMachineArn=stage.outputs()[name], input=json.dumps({"detail": detail})
    )
    return ended(stage, started["executionArn"])


def messages(stage: LocalStage, queue: str) -> list[Any]:
    url, found = stage.outputs()[queue], []
    while (
        answer := client(stage.endpoint, "sqs")
        .receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], WaitTimeSeconds=0
        )
        .get("Messages")
    ):
        found += answer
    return found


def test_an_execution_goes_all_the_way(stage: LocalStage) -> None:
    found = run(stage, "flow", "one")
    assert found["status"] == "SUCCEEDED", found
    assert json.loads(found["output"]) == {
        "total": 10,
        "told": ["queue", "bus"],
        "doubled": [2, 4, 6],
        "by": "me",
    }
    (told,) = messages(stage, "told")
    assert json.loads(told["Body"]) == {"id": "one", "run": found["executionArn"]}
    assert told["MessageAttributes"]["kind"]["StringValue"] == "plain"
    (event,) = messages(stage, "bus-told")
    assert json.loads(event["Body"])["detail"] == {"id": "one"}


@pytest.mark.parametrize(
    ("kind", "error", "cause"),
    [
        ("declined", "RejectedError", "no money"),
        ("refused", "RejectedError", "RefusedError"),
        ("silent", "RejectedError", "States.HeartbeatTimeout"),
        ("unknown", "UnknownError", "unknownunknown"),
    ],
)
def test_an_error_takes_its_way(stage: LocalStage, kind: str, error: str, cause: str) -> None:
    found = run(stage, "flow", kind, kind)
    assert (found["status"], found["error"], found["cause"]) == ("FAILED", error, cause)


def test_a_condition_that_fails_has_the_name_that_it_has_on_aws(stage: LocalStage) -> None:
    run(stage, "flow", "twice")
    found = run(stage, "flow", "twice")
    assert json.loads(found["output"]) == {"was": "CONFIRMED"}


def test_a_rule_starts_an_execution_with_its_event(stage: LocalStage) -> None:
    detail = {"id": "by-rule", "kind": "declined", "amount": 1}
    entry = {"EventBusName": stage.outputs()["bus"], "Source": "shop", "DetailType": "Placed"}
    events = client(stage.endpoint, "events")
    events.put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])
    states = client(stage.endpoint, "stepfunctions")
    machine = stage.outputs()["flow"].rpartition(":")[0]

    def by_rule() -> list[str]:
        found = states.list_executions(stateMachineArn=machine)["executions"]
        inputs = {
            each["executionArn"]: states.describe_execution(executionArn=each["executionArn"])
            for each in found
        }
        return [arn for arn, each in inputs.items() if "by-rule" in each["input"]]

    end = time.monotonic() + 60
    while not by_rule() and time.monotonic() < end:
        time.sleep(0.1)
    (execution,) = by_rule()
    assert ended(stage, execution)["cause"] == "no money"


def invoke(stage: LocalStage, name: str, event: Any) -> Any:
    answer = client(stage.endpoint, "lambda").invoke(
        FunctionName=stage.outputs()[name], Payload=json.dumps(event).encode()
    )
    said = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, said
    return said


def test_a_function_starts_an_execution_by_its_link(stage: LocalStage) -> None:
    execution = invoke(stage, "start", {"detail": {"id": "x", "kind": "unknown", "amount": 1}})
    assert ended(stage, execution)["error"] == "UnknownError"


def test_an_answer_for_a_task_that_has_ended_is_told_so(stage: LocalStage) -> None:
    run(stage, "flow", "answered")
    assert invoke(stage, "ask", {"kind": "again"}) == "nobody waits"


def test_a_function_waits_for_an_express_execution_by_its_link(stage: LocalStage) -> None:
    assert invoke(stage, "run", {"a": 1}) == {"status": "SUCCEEDED", "output": {"got": {"a": 1}}}


def test_a_workflow_may_do_what_it_was_granted_and_no_more(stage: LocalStage) -> None:
    assert run(stage, "asked")["output"] == "0"
    found = run(stage, "refused")
    assert found["error"] == "DynamoDb.AccessDeniedException"
    assert "dynamodb:Scan" in found["cause"]


def test_rows_are_worked_through_in_batches_by_a_workflow_inside_another(
    stage: LocalStage,
) -> None:
    s3, bucket = client(stage.endpoint, "s3"), stage.outputs()["files"]
    s3.put_object(Bucket=bucket, Key="in/rows.csv", Body=b"number\n1\n2\n3\n")
    found = run(stage, "outer", "in/rows.csv")
    assert found["status"] == "SUCCEEDED", found
    output = json.loads(found["output"])
    assert output["sums"] == [{"by": "rows", "sum": 3}, {"by": "rows", "sum": 3}]
    manifest = json.loads(s3.get_object(Bucket=bucket, Key=output["where"])["Body"].read())
    (file,) = manifest["ResultFiles"]["SUCCEEDED"]
    kept = json.loads(s3.get_object(Bucket=bucket, Key=file["Key"])["Body"].read())
    assert [json.loads(each["Output"]) for each in kept] == [30, 30]


def test_a_second_up_changes_nothing(stage: LocalStage) -> None:
    assert {op for op, count in stage.up().changes.items() if count} == {"same"}
