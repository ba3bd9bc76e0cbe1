from typing import Any

import pulumi
import pytest

from components.compute.cluster import Cluster
from components.compute.container_task import ContainerTask, ContainerTaskArgs
from components.compute.task_size import TaskSize
from components.core.checks import ArgumentsError
from components.core.links import Link
from components.core.logs import LogSettings
from components.events.queue import Queue
from tests.contracts.examples.containers import IMAGE, SECRET, repository, task
from tests.contracts.examples.streams import key
from tests.recording import Deployment, deploy
from tests.unit.serving import container, task_deployed

ECS = "arn:aws:ecs:eu-central-1:123456789012"
LOGS = "arn:aws:logs:eu-central-1:123456789012:log-group:work-logs"


def statements(deployment: Deployment, policy: str) -> list[tuple[list[str], list[str]]]:
    document = deployment.document("RolePolicy", policy)
    return [(each["Action"], each["Resource"]) for each in document["Statement"]]


def test_a_task_is_one_container_that_writes_tmp_only_and_is_not_root() -> None:
    made = container(task_deployed(command=["python", "-m", "work"]))
    assert made["image"] == IMAGE.uri
    assert made["command"] == ["python", "-m", "work"]
    assert made["readonlyRootFilesystem"] is True
    assert made["user"] == "1000:1000"
    assert made["mountPoints"] == [
        {"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": False}  # noqa: S108
    ]
    assert made["linuxParameters"] == {"initProcessEnabled": True}
    assert made["stopTimeout"] == 120
    assert "privileged" not in made


def test_its_definition_is_one_of_fargate() -> None:
    made = task_deployed(
        size=TaskSize(cpu=300, memory_mb=2_049, ephemeral_storage_gb=21), architecture="x86_64"
    ).inputs("TaskDefinition")
    assert (made["cpu"], made["memory"]) == ("512", "3072")
    assert made["ephemeralStorage"] == {"sizeInGib": 21}
    assert made["requiresCompatibilities"] == ["FARGATE"]
    assert made["networkMode"] == "awsvpc"
    assert made["runtimePlatform"] == {
        "operatingSystemFamily": "LINUX",
        "cpuArchitecture": "X86_64",
    }
    assert made["family"] == "orders-test-work"
    assert made["volumes"] == [{"name": "tmp"}]
    assert not {"pidMode", "ipcMode"} & set(made)


def test_code_and_ecs_have_roles_of_their_own_for_this_account_alone() -> None:
    deployment = task_deployed()
    made = deployment.inputs("TaskDefinition")
    assert made["taskRoleArn"].endswith(":role/work-role")
    assert made["executionRoleArn"].endswith(":role/work-execution-role")
    for role in ("work-role", "work-execution-role"):
        (trust,) = deployment.document("role:Role", role, "assumeRolePolicy")["Statement"]
        assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
        assert trust["Condition"] == {
            "ArnLike": {"aws:SourceArn": f"{ECS}:*"},
            "StringEquals": {"aws:SourceAccount": "123456789012"},
        }


def test_ecs_may_pull_this_image_write_these_logs_and_read_these_secrets() -> None:
    pulled = deploy(lambda: repository() and None)
    assert statements(pulled, "work-execution-policy") == [
        (
            [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            ["arn:aws:ecr:eu-central-1:123456789012:repository/work-repository"],
        ),
        (["ecr:GetAuthorizationToken"], ["*"]),
        (["logs:CreateLogStream", "logs:PutLogEvents"], [f"{LOGS}:log-stream:*"]),
    ]
    secrets = {"B_PASSWORD": f"{SECRET}:password::", "A_PASSWORD": SECRET}
    read = task_deployed(secrets=secrets)
    assert statements(read, "work-execution-policy")[1:] == [
        (["secretsmanager:GetSecretValue"], [SECRET])
    ]
    assert container(read)["secrets"] == [
        {"name": "A_PASSWORD", "valueFrom": SECRET},
        {"name": "B_PASSWORD", "valueFrom": f"{SECRET}:password::"},
    ]


def test_a_secret_may_come_from_a_resource() -> None:
    deployment = deploy(
        lambda: (
            ContainerTask(
                "work",
                ContainerTaskArgs(
                    image=IMAGE, secrets={"PASSWORD": pulumi.Output.concat(SECRET, ":password::")}
                ),
            )
            and None
        )
    )
    assert statements(deployment, "work-execution-policy")[-1][1] == [SECRET]
    assert container(deployment)["secrets"][0]["valueFrom"] == f"{SECRET}:password::"


def test_a_secret_with_a_key_of_its_own_is_decrypted_with_it() -> None:
    deployment = deploy(
        lambda: (
            ContainerTask(
                "work",
                ContainerTaskArgs(image=IMAGE, key=key("logs"), secrets={"PASSWORD": SECRET}),
            )
            and None
        )
    )
    arn = deployment.arn("key:Key")
    decrypt = (["kms:Decrypt", "kms:DescribeKey"], [arn])
    assert statements(deployment, "work-execution-policy")[-1] == decrypt
    assert deployment.inputs("LogGroup")["kmsKeyId"] == arn


def test_code_may_do_what_its_links_grant_and_knows_where() -> None:
    made: list[Link] = []

    def program() -> None:
        made.append(Queue("incoming").receiver())
        ContainerTask("work", ContainerTaskArgs(image=IMAGE, links=made))

    deployment = deploy(program)
    (statement,) = statements(deployment, "work-policy")
    assert statement[0] == list(made[0].grants[0].actions)
    names = {each["name"] for each in container(deployment)["environment"]}
    assert names == {
        "INCOMING_QUEUE_URL",
        "POWERTOOLS_LOG_LEVEL",
        "POWERTOOLS_METRICS_NAMESPACE",
        "POWERTOOLS_SERVICE_NAME",
    }


def test_code_without_links_may_do_nothing() -> None:
    deployment = task_deployed()
    assert [each.name for each in deployment.all("RolePolicy")] == ["work-execution-policy"]


@pytest.mark.parametrize(("level", "told"), [("TRACE", "DEBUG"), ("WARN", "WARN")])
def test_code_knows_the_level_of_its_logs(level: Any, told: str) -> None:
    made = container(task_deployed(logs=LogSettings(level=level)))
    assert {"name": "POWERTOOLS_LOG_LEVEL", "value": told} in made["environment"]


@pytest.mark.parametrize("user", ["root", "0", "0:0", "app", "", "1000:app", "-1"])
def test_a_user_is_a_number_and_not_root(user: str) -> None:
    ContainerTaskArgs(image=IMAGE, user="1")
    ContainerTaskArgs(image=IMAGE, user="1000:0")
    with pytest.raises(ArgumentsError, match=rf"user is '{user}': allowed is the number"):
        ContainerTaskArgs(image=IMAGE, user=user)


@pytest.mark.parametrize("name", ["DB_PASSWORD", "api_key", "TOKEN"])
def test_a_secret_in_the_environment_is_refused(name: str) -> None:
    ContainerTaskArgs(image=IMAGE, environment={f"{name}_ARN": SECRET})
    with pytest.raises(ArgumentsError, match=f"environment key is '{name}': allowed is no sec"):
        ContainerTaskArgs(image=IMAGE, environment={name: "hunter2"})


def test_a_secret_is_an_arn_and_the_message_does_not_tell_what_was_given() -> None:
    with pytest.raises(ArgumentsError, match="secret PASSWORD is no ARN: allowed") as caught:
        ContainerTaskArgs(image=IMAGE, secrets={"PASSWORD": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_variable_is_a_secret_or_is_not() -> None:
    with pytest.raises(ArgumentsError, match="XX is in secrets and in environment"):
        ContainerTaskArgs(image=IMAGE, environment={"XX": "1"}, secrets={"XX": SECRET})
    with pytest.raises(ArgumentsError, match="environment key is 'a b': allowed is a letter"):
        ContainerTaskArgs(image=IMAGE, secrets={"a b": SECRET})


def test_a_starter_runs_this_task_in_this_cluster_and_passes_its_roles_to_ecs_alone() -> None:
    def program() -> None:
        work, jobs = ContainerTask("work", ContainerTaskArgs(image=IMAGE)), Cluster("jobs")
        link = work.starter(jobs)
        assert list(link.environment) == ["WORK_TASK_FAMILY", "JOBS_CLUSTER_ARN"]
        work.grant("test-policy", *link.grants)

    deployment = deploy(program)
    run, tag, hand_over = deployment.document("RolePolicy", "work-test-policy")["Statement"]
    family = f"{ECS}:task-definition/work-definition"
    assert run["Action"] == ["ecs:RunTask"]
    assert run["Resource"] == [family, f"{family}:*"]
    cluster_arn = f"{ECS}:cluster/jobs-cluster"
    assert run["Condition"] == {"ArnEquals": {"ecs:cluster": cluster_arn}}
    assert tag["Resource"] == [f"{ECS}:task/jobs-cluster/*"]
    assert tag["Condition"] == {"StringEquals": {"ecs:CreateAction": "RunTask"}}
    assert hand_over["Action"] == ["iam:PassRole"]
    assert [arn.rpartition("/")[2] for arn in hand_over["Resource"]] == [
        "work-role",
        "work-execution-role",
    ]
    assert hand_over["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }


def test_people_are_let_in_by_rights_and_folders_for_it() -> None:
    deployment = deploy(lambda: task() and None)
    made = deployment.inputs("TaskDefinition")
    assert [each["name"] for each in made["volumes"]] == ["exec-logs", "exec-state", "tmp"]
    paths = [each["containerPath"] for each in container(deployment)["mountPoints"]]
    assert paths == ["/var/log/amazon", "/var/lib/amazon", "/tmp"]  # noqa: S108
    document = deployment.document("RolePolicy", "jobs-exec-policy")
    granted = {each["Action"][0]: each["Resource"] for each in document["Statement"]}
    group = "arn:aws:logs:eu-central-1:123456789012:log-group:jobs-exec-logs"
    assert granted["ssmmessages:CreateControlChannel"] == ["*"]
    assert granted["logs:CreateLogStream"] == [group, f"{group}:*"]
    assert granted["kms:Decrypt"] == [deployment.arn("key:Key")]
