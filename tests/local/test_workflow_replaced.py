"""A workflow that becomes of another type: a machine cannot, so another takes its place."""

import json
from pathlib import Path

import pytest

from local.aws import client
from local.stage import LocalStage

pytestmark = pytest.mark.local
PROGRAM = """
import pulumi
from components.workflow.flow import Pass
from components.workflow.workflow import Workflow, WorkflowArgs

flow = Workflow("flow", WorkflowArgs(type="{type}", states=[Pass("one", output="{output}")]))
pulumi.export("flow", flow.target.arn)
"""


def answer(stage: LocalStage, project: Path, type_: str, output: str) -> str:
    (project / "__main__.py").write_text(PROGRAM.format(type=type_, output=output))
    stage.up()
    found = client(stage.endpoint, "stepfunctions").start_sync_execution(
        stateMachineArn=stage.outputs()["flow"], input="{}"
    )
    return str(json.loads(found["output"]))


def test_an_alias_follows_its_machine_and_its_versions(stage: LocalStage, project: Path) -> None:
    assert answer(stage, project, "EXPRESS", "first") == "first"
    before = stage.outputs()["flow"]
    assert answer(stage, project, "EXPRESS", "second") == "second"
    assert stage.outputs()["flow"] == before
    assert answer(stage, project, "STANDARD", "third") == "third"
    assert stage.outputs()["flow"] != before
    machines = client(stage.endpoint, "stepfunctions").list_state_machines()["stateMachines"]
    assert [each["type"] for each in machines] == ["STANDARD"]
