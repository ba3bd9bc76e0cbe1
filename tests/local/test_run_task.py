"""Workflows that run a task to its end."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.stage import LocalStage
from tests.local.task_code import Look, deployed, eventually

pytestmark = pytest.mark.local
PROGRAM = """
task = definition("job", "exit", "0")
long = definition("long", "serve")
network = {"AwsvpcConfiguration": {"Subnets": ["subnet-1"]}}


def machine(name, task, right, **state):
    states = aws.iam.Role(f"{name}-role", assume_role_policy=trust("states.amazonaws.com"))
    aws.iam.RolePolicy(
        f"{name}-rights",
        role=states.name,
        policy=policy(
            (right, task.arn_without_revision.apply(lambda arn: f"{arn}:*")),
            (["ecs:StopTask", "ecs:DescribeTasks"], "*"),
            (["iam:PassRole"], role.arn),
            (["events:PutTargets", "events:PutRule", "events:DescribeRule"], "*"),
        ),
    )
    run = {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask.sync",
        "Arguments": {
            "Cluster": cluster.arn,
            "TaskDefinition": task.arn,
            "LaunchType": "FARGATE",
            "NetworkConfiguration": network,
            "Overrides": "{% $states.input %}",
        },
        "End": True,
        **state,
    }
    made = aws.sfn.StateMachine(
        name,
        role_arn=states.arn,
        definition=pulumi.Output.json_dumps(
            {"QueryLanguage": "JSONata", "StartAt": "run", "States": {"run": run}}
        ),
    )
    pulumi.export(name, made.arn)


machine("reconcile", task, ["ecs:RunTask"])
machine("refused", task, ["ecs:StartTask"])
machine("endless", long, ["ecs:RunTask"])
machine("limited", long, ["ecs:RunTask"], TimeoutSeconds=3)
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStage]:
    with deployed(tmp_path_factory.mktemp("tasks"), PROGRAM) as made:
        yield made


@pytest.fixture(scope="module")
def look(stage: LocalStage) -> Look:
    return Look(stage)


def started(look: Look, name: str, **overrides: Any) -> str:
    given = [{"Name": "worker", **overrides}] if overrides else []
    execution: str = look.client("stepfunctions").start_execution(
        stateMachineArn=look.outputs[name], input=json.dumps({"ContainerOverrides": given})
    )["executionArn"]
    return execution


def ended(look: Look, execution: str) -> dict[str, Any]:
    states = look.client("stepfunctions")

    def seen() -> Any:
        found = states.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    found: dict[str, Any] = eventually(seen)
    assert found
    return found


def test_a_state_succeeds_with_the_task_that_did(look: Look) -> None:
    found = ended(look, started(look, "reconcile"))
    assert found["status"] == "SUCCEEDED", found
    task = json.loads(found["output"])
    assert task["LastStatus"] == "STOPPED"
    assert task["Containers"][0]["ExitCode"] == 0
    assert look.task(task["TaskArn"])["startedBy"] == "AWS Step Functions"


def test_a_state_fails_with_the_exit_code_of_its_task(look: Look) -> None:
    command = ["python", "-m", "worker", "exit", "3"]
    found = ended(look, started(look, "reconcile", Command=command))
    assert (found["status"], found["error"]) == ("FAILED", "States.TaskFailed")
    task = json.loads(found["cause"])
    assert task["Containers"][0]["ExitCode"] == 3
    assert task["StopCode"] == "EssentialContainerExited"


def test_overrides_reach_the_task(look: Look) -> None:
    variables = [{"Name": "MOOD", "Value": "gladly"}]
    ended(look, started(look, "reconcile", Environment=variables))
    assert eventually(lambda: "gone gladly" in look.lines("job"))


def test_a_workflow_that_may_not_run_tasks_is_refused(look: Look) -> None:
    found = ended(look, started(look, "refused"))
    assert found["error"] == "ECS.AccessDeniedException"
    assert "ecs:RunTask" in found["cause"]


def test_a_stopped_execution_stops_its_task(look: Look) -> None:
    execution = started(look, "endless")
    (said,) = eventually(lambda: look.heard("started"))
    look.client("stepfunctions").stop_execution(executionArn=execution)
    assert eventually(lambda: look.task(said["task"])["lastStatus"] == "STOPPED")
    assert look.heard("ended", task=said["task"])


def test_a_state_that_takes_too_long_stops_its_task(look: Look) -> None:
    found = ended(look, started(look, "limited"))
    assert found["error"] == "States.Timeout"
    cluster = look.outputs["cluster"]

    def of(status: str) -> list[str]:
        arns: list[str] = look.ecs.list_tasks(
            cluster=cluster, family="long", desiredStatus=status
        )["taskArns"]
        return arns

    assert eventually(lambda: not of("RUNNING"))
    assert eventually(
        lambda: all(look.task(arn)["lastStatus"] == "STOPPED" for arn in of("STOPPED"))
    )
    reasons = [look.task(arn)["stoppedReason"] for arn in of("STOPPED")]
    assert "The state that ran it ended" in reasons
