"""A service whose tasks follow a queue, from none and back."""

from collections.abc import Iterator

import pytest

from local.stage import LocalStage
from tests.local.task_code import Look, deployed, eventually

pytestmark = pytest.mark.local
PROGRAM = """
worker = service(
    "worker",
    definition("worker", "serve"),
    0,
    opts=pulumi.ResourceOptions(ignore_changes=["desiredCount"]),
)
target = aws.appautoscaling.Target(
    "worker-target",
    service_namespace="ecs",
    resource_id=pulumi.Output.concat("service/", cluster.name, "/", worker.name),
    scalable_dimension="ecs:service:DesiredCount",
    min_capacity=0,
    max_capacity=2,
)


def step(name, kind, **adjustment):
    return aws.appautoscaling.Policy(
        name,
        policy_type="StepScaling",
        service_namespace=target.service_namespace,
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        step_scaling_policy_configuration={
            "adjustment_type": kind,
            "cooldown": 60,
            "metric_aggregation_type": "Maximum",
            "step_adjustments": [adjustment],
        },
    )


def metric(id, namespace, name, **dimensions):
    return {
        "id": id,
        "metric": {
            "namespace": namespace,
            "metric_name": name,
            "dimensions": dimensions,
            "period": 60,
            "stat": "Maximum",
        },
        "return_data": False,
    }


def alarm(name, expression, operator, threshold, periods, policy):
    messages = "ApproximateNumberOfMessages"
    aws.cloudwatch.MetricAlarm(
        name,
        metric_queries=[
            metric("visible", "AWS/SQS", f"{messages}Visible", QueueName=work.name),
            metric("hidden", "AWS/SQS", f"{messages}NotVisible", QueueName=work.name),
            metric(
                "running",
                "ECS/ContainerInsights",
                "RunningTaskCount",
                ClusterName=cluster.name,
                ServiceName=worker.name,
            ),
            {"id": "result", "expression": expression, "return_data": True},
        ],
        comparison_operator=operator,
        threshold=threshold,
        evaluation_periods=periods,
        treat_missing_data="notBreaching",
        alarm_actions=[policy.arn],
    )


alarm(
    "backlog",
    "(visible + hidden) / MAX([FILL(running, 0), 1])",
    "GreaterThanThreshold",
    0,
    1,
    step("out", "ChangeInCapacity", scaling_adjustment=1, metric_interval_lower_bound="0"),
)
alarm(
    "nothing",
    "visible + hidden",
    "LessThanOrEqualToThreshold",
    0,
    3,
    step("in", "ExactCapacity", scaling_adjustment=0, metric_interval_upper_bound="0"),
)
"""


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStage]:
    with deployed(tmp_path_factory.mktemp("tasks"), PROGRAM) as made:
        yield made


def test_a_message_starts_a_task_from_none_and_the_empty_queue_ends_it(
    stage: LocalStage,
) -> None:
    look = Look(stage)
    assert not look.tasks("worker")
    look.sqs.send_message(QueueUrl=look.outputs["work"], MessageBody="one")
    (said,) = eventually(lambda: look.heard("worked"))
    assert said["body"] == "one"
    assert eventually(lambda: look.heard("ended", task=said["task"]))
    assert eventually(lambda: look.task(said["task"])["lastStatus"] == "STOPPED")
    assert look.task(said["task"])["containers"][0]["exitCode"] == 0
    assert not look.tasks("worker")

    changes = {op for op, count in stage.up().changes.items() if count}
    assert changes == {"same"}
    (alarm,) = [
        each
        for each in look.client("cloudwatch").describe_alarms()["MetricAlarms"]
        if each["AlarmName"].startswith("nothing")
    ]
    assert alarm["StateValue"] == "ALARM"


def test_the_tasks_are_no_more_than_the_most(stage: LocalStage) -> None:
    look = Look(stage)
    # As long as they are told so, messages are there and nobody has deleted them.
    look.sqs.set_queue_attributes(
        QueueUrl=look.outputs["work"], Attributes={"DelaySeconds": "0", "VisibilityTimeout": "60"}
    )
    for number in range(200):
        look.sqs.send_message(QueueUrl=look.outputs["work"], MessageBody=str(number))
    assert eventually(lambda: len(look.tasks("worker")) == 2)
    assert eventually(lambda: len(look.heard("worked")) == 200)
    assert len({each["task"] for each in look.heard("worked")}) <= 2
    assert eventually(lambda: not look.tasks("worker"))
