"""The step that runs a container to its end."""

from typing import Any

import pytest

from components.compute.cluster import Cluster, ClusterArgs
from components.compute.container_task import ContainerTask, ContainerTaskArgs
from components.core.checks import ArgumentsError
from components.workflow.errors import Retry
from components.workflow.run_task import RunTask
from components.workflow.workflow import Workflow, WorkflowArgs
from tests.asl import asl_mistakes
from tests.contracts.examples.containers import GROUPS, IMAGE, SUBNETS
from tests.contracts.examples.streams import key
from tests.recording import Deployment, deploy

ECS = "arn:aws:ecs:eu-central-1:123456789012"
EVENTS = "arn:aws:events:eu-central-1:123456789012"


def ran(
    flow: dict[str, Any] | None = None,
    *,
    exec_: bool = False,
    twice: bool = False,
    **settings: Any,
) -> Deployment:
    def program() -> None:
        shared = key("logs") if exec_ else None
        cluster = Cluster("jobs", ClusterArgs(exec=exec_, key=shared))
        task = ContainerTask("work", ContainerTaskArgs(image=IMAGE, exec=exec_))
        given: dict[str, Any] = {
            "task": task,
            "cluster": cluster,
            "subnet_ids": SUBNETS,
            "security_group_ids": GROUPS,
            **settings,
        }
        names = ["Work", "Work again"] if twice else ["Work"]
        states = [RunTask(name, **given) for name in names]
        Workflow("flow", WorkflowArgs(states=states, **(flow or {})))

    return deploy(program)


def state(deployment: Deployment) -> dict[str, Any]:
    definition = deployment.document("StateMachine", "flow-machine", "definition")
    assert asl_mistakes(definition) == []
    found: dict[str, Any] = definition["States"]["Work"]
    return found


def rights(deployment: Deployment) -> dict[str, dict[str, Any]]:
    document = deployment.document("RolePolicy", "flow-policy")
    return {each["Action"][0]: each for each in document["Statement"]}


def test_a_task_runs_by_its_newest_revision_and_is_waited_for() -> None:
    made = state(ran())
    assert made["Resource"] == "arn:aws:states:::ecs:runTask.sync"
    assert made["TimeoutSeconds"] == 3_600
    assert made["Arguments"] == {
        "Cluster": f"{ECS}:cluster/jobs-cluster",
        "TaskDefinition": "orders-test-work",
        "CapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 1}],
        "PlatformVersion": "LATEST",
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "Subnets": list(SUBNETS),
                "SecurityGroups": list(GROUPS),
                "AssignPublicIp": "DISABLED",
            }
        },
        "PropagateTags": "TASK_DEFINITION",
    }


def test_it_may_run_on_spot_with_a_public_address() -> None:
    made = state(ran(spot=True, public_ip=True))["Arguments"]
    assert made["CapacityProviderStrategy"][0]["CapacityProvider"] == "FARGATE_SPOT"
    assert made["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == "ENABLED"


def test_command_and_environment_may_be_expressions() -> None:
    made = state(
        ran(
            command=["python", "-m", "work", "{% $states.input.day %}"],
            environment={"DAY": "{% $states.input.day %}", "MODE": "night"},
        )
    )
    assert made["Arguments"]["Overrides"] == {
        "ContainerOverrides": [
            {
                "Name": "main",
                "Command": ["python", "-m", "work", "{% $states.input.day %}"],
                "Environment": [
                    {"Name": "DAY", "Value": "{% $states.input.day %}"},
                    {"Name": "MODE", "Value": "night"},
                ],
            }
        ]
    }


def test_the_machine_may_run_follow_and_stop_this_task_and_hear_of_its_end() -> None:
    found = rights(ran())
    revisions = f"{ECS}:task-definition/work-definition"
    assert found["ecs:RunTask"]["Resource"] == [revisions, f"{revisions}:*"]
    assert found["ecs:RunTask"]["Condition"] == {
        "ArnEquals": {"ecs:cluster": f"{ECS}:cluster/jobs-cluster"}
    }
    assert found["ecs:DescribeTasks"]["Action"] == ["ecs:DescribeTasks", "ecs:StopTask"]
    assert found["ecs:DescribeTasks"]["Resource"] == [f"{ECS}:task/jobs-cluster/*"]
    hear = found["events:DescribeRule"]
    assert hear["Action"] == ["events:DescribeRule", "events:PutRule", "events:PutTargets"]
    assert hear["Resource"] == [f"{EVENTS}:rule/StepFunctionsGetEventsForECSTaskRule"]
    assert found["iam:PassRole"]["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }
    assert len(found["iam:PassRole"]["Resource"]) == 2


def test_a_container_that_answers_for_itself_is_not_followed() -> None:
    deployment = ran(
        wait_for_task_token=True, environment={"TASK_TOKEN": "{% $states.context.Task.Token %}"}
    )
    assert state(deployment)["Resource"].endswith(":ecs:runTask.waitForTaskToken")
    assert not {"ecs:DescribeTasks", "events:DescribeRule"} & set(rights(deployment))


def test_missing_capacity_is_waited_for_and_failures_of_the_code_are_not_retried() -> None:
    (transient,) = state(ran())["Retry"]
    assert {"ECS.AmazonECSException", "AmazonECS.Unknown"} <= set(transient["ErrorEquals"])
    assert "States.TaskFailed" not in transient["ErrorEquals"]
    assert (transient["MaxAttempts"], transient["MaxDelaySeconds"]) == (6, 120)
    own = [Retry(errors=["States.TaskFailed"])]
    both = state(ran(retry=own))["Retry"]
    assert [each["ErrorEquals"][0] for each in both] == ["AmazonECS.Unknown", "States.TaskFailed"]


def test_people_are_let_into_a_task_once_however_often_it_runs() -> None:
    deployment = ran(exec_=True, twice=True)
    assert state(deployment)["Arguments"]["EnableExecuteCommand"] is True
    assert deployment.one("RolePolicy", "work-jobs-exec-policy")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"timeout_seconds": None}, "Work: timeout_seconds is None: allowed is a number"),
        ({"subnet_ids": ()}, "Work: number of subnet_ids is 0: allowed is 1 to 16"),
        ({"security_group_ids": ()}, "Work: number of security_group_ids is 0: allowed is 1"),
        ({"environment": {"PASSWORD": "hunter2"}}, "environment key is 'PASSWORD': allowed is no"),
        ({"environment": {"a b": "{% 1 %}"}}, "environment key is 'a b': allowed is a letter"),
        ({"command": ["{% ( %}"]}, "allowed is JSONata"),
        ({"flow": {"type": "EXPRESS"}}, "Work: RunTask in an EXPRESS workflow: allowed is a STA"),
    ],
)
def test_what_step_functions_or_ecs_would_refuse_is_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentsError) as caught:
        ran(**settings)
    assert message in str(caught.value)
