"""The container of a task, as it is written down."""

import json

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given, settings

from components.compute.container_task import ContainerTask, ContainerTaskArgs
from tests.contracts.arbitrary import arguments
from tests.contracts.examples.containers import EXAMPLES, IMAGE, SECRET
from tests.recording import Deployment, deploy
from tests.unit.serving import container, task_deployed


def test_logs_go_to_its_group_without_holding_the_work_up() -> None:
    assert container(task_deployed())["logConfiguration"] == {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": "work-logs-1234567",
            "awslogs-region": "eu-central-1",
            "awslogs-stream-prefix": "task",
            "mode": "non-blocking",
            "max-buffer-size": "25m",
        },
    }


def test_the_same_container_is_written_the_same_whatever_the_order() -> None:
    """ECS answers in an order of its own: text that differs would replace the definition."""
    one = task_deployed(environment={"AA": "1", "BB": "2"}, secrets={"XX": SECRET, "YY": SECRET})
    other = task_deployed(environment={"BB": "2", "AA": "1"}, secrets={"YY": SECRET, "XX": SECRET})
    texts = {each.inputs("TaskDefinition")["containerDefinitions"] for each in (one, other)}
    assert len(texts) == 1


def test_what_ecs_would_fill_in_is_written_out() -> None:
    made = container(task_deployed())
    filled_in = {
        "cpu": 0,
        "essential": True,
        "portMappings": [],
        "volumesFrom": [],
        "systemControls": [],
        "secrets": [],
    }
    assert filled_in.items() <= made.items()
    assert None not in made.values()
    opened = container(task_deployed(port=8_080))
    assert opened["portMappings"] == [
        {"containerPort": 8_080, "hostPort": 8_080, "protocol": "tcp"}
    ]


MODEL = botocore.session.get_session().get_service_model("ecs")


def refused(deployment: Deployment) -> list[str]:
    """Return what botocore finds in the containers of each task definition."""
    shape, found = MODEL.shape_for("ContainerDefinitions"), []
    for each in deployment.all("TaskDefinition"):
        written = json.loads(each.inputs["containerDefinitions"])
        report = ParamValidator().validate(written, shape)
        found += [report.generate_report()] if report.has_errors() else []
    return found


@pytest.mark.parametrize("component", EXAMPLES, ids=lambda cls: cls.__name__)
def test_botocore_takes_the_containers_of_the_examples(component: type) -> None:
    deployment = deploy(EXAMPLES[component])
    assert refused(deployment) == []


@settings(max_examples=40)
@given(args=arguments(ContainerTaskArgs, image=IMAGE))
def test_botocore_takes_what_we_let_through(args: ContainerTaskArgs) -> None:
    deployment = deploy(lambda: ContainerTask("work", args) and None)
    assert refused(deployment) == []


def test_what_botocore_refuses_is_seen() -> None:
    deployment = task_deployed()
    (made,) = deployment.all("TaskDefinition")
    made.inputs["containerDefinitions"] = '[{"name": 5, "privilege": true}]'
    (report,) = refused(deployment)
    assert "Invalid type for parameter [0].name" in report
    assert 'Unknown parameter in [0]: "privilege"' in report
