"""Durable functions on the local stage: AWS's runner behind the emulator, with IAM enforced."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from local.stage import LocalStage
from tests.local.durable_stage import PROGRAM, Stage, eventually
from tests.local.small import processes

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    project = tmp_path_factory.mktemp("project")
    (project / "lambdas/work").mkdir(parents=True)
    (project / "lambdas/work/__init__.py").touch()
    code = Path(__file__).with_name("durable_code.py").read_text()
    (project / "lambdas/work/handler.py").write_text(code)
    (project / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (project / "Pulumi.local.yaml").write_text("config:\n  aws:region: us-east-1\n")
    (project / "__main__.py").write_text(PROGRAM)
    stage = LocalStage(state=project / "state", project=project, report=lambda _: None)
    try:
        stage.up()
        yield Stage(stage)
    finally:
        stage.down()
        assert not processes(stage)


def test_the_runner_starts_when_it_is_needed(deployed: Stage) -> None:
    assert not deployed.runners()
    deployed.invoke("add", {"number": 0})
    assert len(deployed.runners()) == 1


def test_an_execution_waits_until_another_function_answers(deployed: Stage) -> None:
    arn = deployed.start("review", {"what": "order-1"})
    callback = deployed.callback("order-1")
    (waiting,) = deployed.lambdas.list_durable_executions_by_function(
        FunctionName=deployed.outputs["review"], Statuses=["RUNNING"]
    )["DurableExecutions"]
    assert waiting["DurableExecutionArn"] == arn
    answer = deployed.invoke("decide", {"callback": callback, "answer": {"approved": True}})
    assert answer["Payload"] == '"sent"'
    ended = deployed.ended(arn)
    assert ended["Status"] == "SUCCEEDED"
    # The first look failed and came again; neither it nor the question was repeated by a replay.
    assert json.loads(ended["Result"]) == {"looked": 2, "answer": {"approved": True}}
    assert deployed.item("order-1 looked")["runs"] == "2"
    history = deployed.lambdas.get_durable_execution_history(DurableExecutionArn=arn)["Events"]
    kinds = [each["EventType"] for each in history]
    assert [
        kinds.count(kind) for kind in ("StepFailed", "WaitSucceeded", "CallbackSucceeded")
    ] == [
        1,
        1,
        1,
    ]


def test_a_function_without_the_link_may_not_answer(deployed: Stage) -> None:
    arn = deployed.start("review", {"what": "order-2"})
    event = {"callback": deployed.callback("order-2"), "answer": {}}
    answer = deployed.invoke("stranger", event)
    assert answer["FunctionError"]
    assert "lambda:SendDurableExecutionCallbackSuccess" in answer["Payload"]
    assert deployed.status(arn) == "RUNNING"
    deployed.lambdas.stop_durable_execution(DurableExecutionArn=arn)
    assert deployed.ended(arn)["Status"] == "STOPPED"


def test_nobody_answers_so_the_execution_fails_and_its_event_is_kept(deployed: Stage) -> None:
    event = {"what": "order-3", "patience": 1}
    ended = deployed.ended(deployed.start("review", event))
    assert ended["Status"] == "FAILED"
    assert "timed out" in ended["Error"]["ErrorMessage"].lower()
    sqs, bodies = deployed.client("sqs"), []
    while event not in bodies:
        received = sqs.receive_message(QueueUrl=deployed.outputs["failed"], WaitTimeSeconds=20)
        assert received["Messages"]
        bodies += [json.loads(each["Body"]) for each in received["Messages"]]


def test_whoever_waits_gets_the_result(deployed: Stage) -> None:
    answer = deployed.invoke("add", {"number": 41})
    assert "FunctionError" not in answer
    assert answer["Payload"] == "42"
    assert answer["DurableExecutionArn"].startswith(deployed.outputs["add"].removesuffix("live"))


def test_or_the_error(deployed: Stage) -> None:
    answer = deployed.invoke("add", {})
    assert answer["FunctionError"] == "Unhandled"
    error = json.loads(answer["Payload"])
    assert (error["errorType"], error["errorMessage"]) == ("LookupError", "no number")


def test_a_durable_function_invokes_another(deployed: Stage) -> None:
    assert deployed.invoke("chain", {"number": 1})["Payload"] == "2"


def test_what_lambda_refuses_is_refused(deployed: Stage) -> None:
    refused = deployed.lambdas.exceptions.InvalidParameterValueException
    with pytest.raises(refused, match="greater than 15 minutes"):
        deployed.invoke("review", {"what": "order-4"})
    with pytest.raises(refused, match="unqualified"):
        deployed.lambdas.invoke(FunctionName=deployed.outputs["add"].removesuffix(":live"))


def test_a_function_without_its_policy_may_not_checkpoint(deployed: Stage) -> None:
    iam, role = deployed.client("iam"), deployed.outputs["role"]
    (policy,) = (
        name
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
        if name.startswith("add-durable-policy")
    )
    named = {"RoleName": role, "PolicyName": policy}
    document = json.dumps(iam.get_role_policy(**named)["PolicyDocument"])
    iam.delete_role_policy(**named)
    try:
        answer = deployed.invoke("add", {"number": 1})
    finally:
        iam.put_role_policy(**named, PolicyDocument=document)
    assert answer["FunctionError"]
    assert "lambda:CheckpointDurableExecution" in answer["Payload"]


def policy(statement: Mapping[str, Any]) -> str:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    return json.dumps(document)


def test_a_workflow_that_waits_for_its_token_waits_for_no_execution(deployed: Stage) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {
            "FunctionName": deployed.outputs["review"],
            "InvocationType": "Event",
            "Payload": {"what": "order-8", "token.$": "$$.Task.Token"},
        },
        "TimeoutSeconds": 1,
        "End": True,
    }
    trust = {"Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    grant = {"Action": "lambda:InvokeFunction", "Resource": deployed.outputs["review"]}
    iam = deployed.client("iam")
    role = iam.create_role(RoleName="ask", AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="ask", PolicyName="ask", PolicyDocument=policy(grant))
    workflows = deployed.client("stepfunctions")
    machine = workflows.create_state_machine(
        name="ask",
        roleArn=role,
        definition=json.dumps({"StartAt": "ask", "States": {"ask": task}}),
    )["stateMachineArn"]
    execution = workflows.start_execution(stateMachineArn=machine)["executionArn"]

    def told() -> Any:
        return workflows.describe_execution(executionArn=execution)

    eventually(lambda: told()["status"] != "RUNNING")
    assert told()["error"] == "States.Timeout"
    assert deployed.callback("order-8")


def test_a_name_starts_one_execution(deployed: Stage) -> None:
    named = {"InvocationType": "Event", "DurableExecutionName": "order-5"}
    first, second = (
        deployed.invoke("review", {"what": "order-5"}, **named)["DurableExecutionArn"]
        for _ in range(2)
    )
    assert first == second
    started = deployed.lambdas.exceptions.DurableExecutionAlreadyStartedException
    with pytest.raises(started):
        deployed.invoke("review", {"what": "another"}, **named)


def test_queues_topics_and_rules_start_executions(deployed: Stage) -> None:
    outputs = deployed.outputs
    deployed.client("sqs").send_message(QueueUrl=outputs["queue"], MessageBody="message")
    deployed.client("sns").publish(TopicArn=outputs["topic"], Message="news")
    entry = {"EventBusName": outputs["bus"], "Source": "shop", "DetailType": "Placed"}
    deployed.client("events").put_events(Entries=[{**entry, "Detail": "{}"}])
    for text in ("message", "news", "Placed"):
        eventually(lambda text=text: deployed.item(f"noted {text}") != {})  # type: ignore[misc]
        assert deployed.item(f"noted {text}")["runs"] == "1"


def test_a_function_that_is_killed_goes_on_with_its_step(deployed: Stage) -> None:
    arn = deployed.start("slow", {"seconds": 50})
    eventually(lambda: deployed.item("work") != {})
    name = arn.split(":")[6]
    for process in processes(deployed.stage):
        if process.environ().get("AWS_LAMBDA_FUNCTION_NAME") == name:
            process.kill()
    # The step before it was not repeated.
    assert json.loads(deployed.ended(arn)["Result"]) == {"before": 1, "work": 2}


def test_a_runner_that_is_killed_takes_its_executions_up(deployed: Stage) -> None:
    answered = deployed.start("review", {"what": "order-6"})
    forgotten = deployed.start("review", {"what": "order-7", "patience": 5})
    callbacks = [deployed.callback(what) for what in ("order-6", "order-7")]
    (before,) = deployed.runners()
    before.kill()
    event = {"callback": callbacks[0], "answer": "late"}
    eventually(lambda: "FunctionError" not in deployed.invoke("decide", event))
    assert json.loads(deployed.ended(answered)["Result"])["answer"] == "late"
    assert deployed.ended(forgotten)["Status"] == "FAILED"
    assert before not in deployed.runners()


def test_many_wait_at_a_time(deployed: Stage) -> None:
    names = [f"many-{number}" for number in range(20)]
    arns = [deployed.start("review", {"what": name}) for name in names]
    for name in names:
        deployed.lambdas.send_durable_execution_callback_success(
            CallbackId=deployed.callback(name), Result=b"1"
        )
    assert {deployed.ended(arn)["Status"] for arn in arns} == {"SUCCEEDED"}


def test_a_second_up_changes_nothing_and_a_refresh_finds_no_drift(deployed: Stage) -> None:
    assert set(deployed.stage.refresh()) == {"same"}
    assert {op for op, number in deployed.stage.up().changes.items() if number} == {"same"}
