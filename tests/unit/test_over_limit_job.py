import json
from collections.abc import Sequence
from typing import Any

import pytest

from components.compute.cluster import Cluster
from components.compute.container_service import ContainerService, ContainerServiceArgs
from components.compute.durable_execution import DurableExecution
from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize
from components.compute.over_limit_job import OverLimitJob, OverLimitJobArgs
from components.core.checks import ArgumentsError
from components.core.links import Link
from tests.contracts.examples.base import CODE, HANDLER, key, plain_function
from tests.contracts.examples.containers import GROUPS, IMAGE, SUBNETS
from tests.recording import Deployment, deploy

SIZE = FunctionSize(memory_mb=1024, timeout_seconds=900)


def service(links: Sequence[Link] = ()) -> ContainerService:
    args = ContainerServiceArgs(
        cluster=Cluster("jobs"),
        image=IMAGE,
        links=links,
        subnet_ids=SUBNETS,
        security_group_ids=GROUPS,
        min_tasks=0,
        max_tasks=5,
    )
    return ContainerService("importer", args)


def job(**settings: Any) -> OverLimitJob:
    return OverLimitJob("imports", OverLimitJobArgs(function_size=SIZE, **settings))


def function(size: FunctionSize = SIZE, **settings: Any) -> Function:
    args = FunctionArgs(code=CODE, handler=HANDLER, size=size, **settings)
    return Function("start", args)


def policy(deployment: Deployment, name: str = "start-policy") -> dict[str, list[str]]:
    statements = deployment.document("RolePolicy", name)["Statement"]
    return {each["Resource"][0].rpartition(":")[2]: each["Action"] for each in statements}


def variables(deployment: Deployment) -> dict[str, str]:
    found: dict[str, str] = deployment.inputs("function:Function", "start-function")[
        "environment"
    ]["variables"]
    return found


def test_a_message_stays_hidden_for_six_beats_of_a_worker() -> None:
    inputs = deploy(lambda: job(beat_seconds=20)).inputs("queue:Queue", "imports-jobs-queue")
    assert inputs["visibilityTimeoutSeconds"] == 120


def test_a_job_may_be_interrupted_often_before_it_is_put_away() -> None:
    redrive = deploy(job).document("queue:Queue", "imports-jobs-queue", "redrivePolicy")
    assert redrive["maxReceiveCount"] == 200


def test_jobs_are_kept_by_id_and_found_by_the_day_on_which_they_ended() -> None:
    inputs = deploy(job).inputs("table:Table")
    assert (inputs["hashKey"], inputs["ttl"]["attributeName"]) == ("job_id", "expires_at")
    (index,) = inputs["globalSecondaryIndexes"]
    keys = (
        [each["attributeName"] for each in index["keySchemas"]]
        if "keySchemas" in index
        else [
            index["hashKey"],
            index["rangeKey"],
        ]
    )
    assert (index["name"], keys) == ("by_end", ["ended_on", "ended_at"])


def test_a_submitter_knows_the_real_size_of_the_function() -> None:
    deployment = deploy(lambda: function(links=[job().submitter()]))
    assert json.loads(variables(deployment)["JOB_LIMITS"]) == {
        "function": {"seconds": 900, "memory_mb": 1024, "disk_mb": 512}
    }
    assert variables(deployment)["JOB_QUEUE_URL"].endswith("/imports-jobs-queue")
    assert variables(deployment)["JOBS_TABLE_NAME"].startswith("imports-jobs-table")
    granted = policy(deployment)
    assert granted["imports-jobs-queue"] == ["sqs:SendMessage"]
    assert granted["table/imports-jobs-table"] == ["dynamodb:PutItem", "dynamodb:UpdateItem"]


def test_what_mostly_waits_goes_to_a_durable_function_of_its_own_size() -> None:
    def program() -> None:
        made = job()
        waits = Function(
            "wait",
            FunctionArgs(
                code=CODE,
                handler=HANDLER,
                durable=DurableExecution(execution_timeout_seconds=86_400),
                links=[made.checkpointer()],
            ),
        )
        function(links=[made.submitter(waits)])

    deployment = deploy(program)
    limits = json.loads(variables(deployment)["JOB_LIMITS"])
    assert limits["durable"] == {"seconds": 10, "memory_mb": 256, "disk_mb": 512}
    arn = variables(deployment)["JOB_DURABLE_FUNCTION_ARN"]
    assert arn.endswith(":live")
    assert policy(deployment)[arn.rpartition(":")[2]] == ["lambda:InvokeFunction"]
    assert policy(deployment, "wait-policy")["table/imports-jobs-table"] == ["dynamodb:UpdateItem"]


def test_a_function_that_is_not_durable_takes_no_waiting_jobs() -> None:
    with pytest.raises(ArgumentsError, match="function work is not durable: allowed is a durable"):
        deploy(lambda: job().submitter(plain_function()))


def granted(link: Link) -> list[str]:
    return [action for grant in link.grants for action in grant.actions]


def test_a_worker_takes_jobs_hides_them_and_puts_them_away() -> None:
    made: list[Link] = []
    deploy(lambda: made.append(job().worker()))
    (link,) = made
    assert sorted(granted(link)) == [
        "dynamodb:UpdateItem",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    ]
    assert link.environment["JOB_VISIBILITY_SECONDS"] == "60"
    assert {"JOB_QUEUE_URL", "JOB_DEAD_LETTERS_URL", "JOBS_TABLE_NAME"} < set(link.environment)


def test_a_reader_looks_jobs_up_and_changes_none() -> None:
    made: list[Link] = []
    deploy(lambda: made.append(job().reader()))
    assert granted(made[0]) == ["dynamodb:GetItem", "dynamodb:Query"]
    assert set(made[0].environment) == {"JOBS_TABLE_NAME"}


def test_with_a_key_everything_is_encrypted_and_everybody_may_use_it() -> None:
    made: list[Link] = []

    def program() -> None:
        whole = job(key=key())
        made.extend([whole.submitter(), whole.checkpointer(), whole.worker(), whole.reader()])

    deployment = deploy(program)
    arn = deployment.arn("key:Key")
    assert all(each.inputs["kmsMasterKeyId"] == arn for each in deployment.all("queue:Queue"))
    assert deployment.inputs("table:Table")["serverSideEncryption"]["kmsKeyArn"] == arn
    assert all("kms:Decrypt" in granted(link) for link in made)


def test_the_service_follows_the_jobs_that_wait_from_none() -> None:
    def program() -> None:
        made = job()
        made.runs_on(function=function(links=[made.submitter()]), service=service([made.worker()]))

    deployment = deploy(program)
    assert deployment.inputs("appautoscaling/target:Target")["minCapacity"] == 0
    alarm = json.dumps(deployment.inputs("MetricAlarm", "importer-wake-alarm"))
    assert "imports-jobs-queue" in alarm
    granted = policy(deployment, "importer-task-policy")
    assert "sqs:ChangeMessageVisibility" in granted["imports-jobs-queue"]


def test_a_function_of_another_size_is_refused() -> None:
    def program() -> None:
        made = job()
        other = function(FunctionSize(memory_mb=512), links=[made.submitter()])
        made.runs_on(function=other, service=service([made.worker()]))

    with pytest.raises(ArgumentsError, match=r"'memory_mb': 512.*allowed is the function_size"):
        deploy(program)


def test_what_is_not_linked_to_the_job_is_refused() -> None:
    def program() -> None:
        made = job()
        other = OverLimitJob("other", OverLimitJobArgs(function_size=SIZE))
        made.runs_on(function=function(links=[other.submitter()]), service=service())

    with pytest.raises(ArgumentsError) as refusal:
        deploy(program)
    assert refusal.value.mistakes == (
        "links of function start lack submitter() of job imports: allowed is with it",
        "links of service importer lack worker() of job imports: allowed is with it",
    )
