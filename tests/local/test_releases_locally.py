"""Releases on the genuine engine: a hook that raises leaves the alias where it was."""

import gc
from pathlib import Path
from typing import Any

import pytest

from components.compute import traffic
from local.aws import client
from local.errors import LocalError
from local.stage import Deployed, LocalStage

pytestmark = pytest.mark.local
PROGRAM = """
import pulumi
from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize
from components.compute.release_settings import ReleaseSettings

size = FunctionSize(timeout_seconds={timeout})
work = Function(
    "work",
    FunctionArgs(code="work", handler="work.handler.handle", size=size, release=ReleaseSettings()),
)
pulumi.export("alias", work.target.arn)
"""


class CodeDeploy:
    """The one part that is not genuine: its deployments end as it is told."""

    def __init__(self) -> None:
        self.end = "Succeeded"
        self.asked: list[str] = []
        self.paginate = lambda **_: iter(())

    def create_client(self, _service: str, **_: Any) -> "CodeDeploy":
        return self

    def get_paginator(self, _operation: str) -> "CodeDeploy":
        return self

    def get_alias(self, **_: Any) -> dict[str, str]:
        return {"FunctionVersion": "1"}

    def create_deployment(self, *, description: str, **_: Any) -> dict[str, str]:
        self.asked.append(description.partition(": ")[2])
        return {"deploymentId": "d-1"}

    def get_deployment(self, **_: Any) -> dict[str, Any]:
        return {"deploymentInfo": {"status": self.end}}


class Released:
    """A stage with one function and its releases."""

    def __init__(self, stage: LocalStage, project: Path) -> None:
        self.stage = stage
        self.project = project
        (project / "work").mkdir()
        (project / "work/handler.py").write_text("def handle(event, context):\n    return 1\n")

    def write(self, timeout: int) -> None:
        (self.project / "__main__.py").write_text(PROGRAM.format(timeout=timeout))

    def up(self, timeout: int) -> Deployed:
        self.write(timeout)
        return self.stage.up()

    @property
    def version(self) -> str:
        """The version that the alias serves."""
        function, name = self.stage.outputs()["alias"].split(":")[6:]
        found = client(self.stage.endpoint, "lambda").get_alias(FunctionName=function, Name=name)
        return str(found["FunctionVersion"])


@pytest.fixture
def released(stage: LocalStage, project: Path) -> Released:
    return Released(stage, project)


@pytest.fixture
def codedeploy(monkeypatch: pytest.MonkeyPatch) -> CodeDeploy:
    made = CodeDeploy()
    monkeypatch.setattr(traffic, "EMULATED_ACCOUNT", None)
    monkeypatch.setattr(traffic, "POLL_SECONDS", 0)
    monkeypatch.setattr(traffic, "_session", lambda: made)
    return made


# The Automation API leaves the program's coroutine behind where the engine gave up.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_release_that_fails_leaves_the_alias_and_a_second_up_finishes_it(
    released: Released, codedeploy: CodeDeploy
) -> None:
    released.up(5)
    assert (released.version, codedeploy.asked) == ("1", [])

    codedeploy.end = "Failed"
    with pytest.raises(LocalError, match=r"to version 2 has Failed: live serves the version"):
        released.up(6)
    gc.collect()
    assert released.version == "1"

    codedeploy.end = "Succeeded"
    assert released.up(6).changes["update"] == 1
    assert released.version == "2"
    assert codedeploy.asked == ["version 1 to 2"] * 2

    assert "update" not in released.up(6).changes
    assert len(codedeploy.asked) == 2


def test_a_preview_releases_nothing(released: Released, codedeploy: CodeDeploy) -> None:
    released.up(5)
    released.write(6)
    assert released.stage.preview()
    assert (released.version, codedeploy.asked) == ("1", [])


def test_on_the_local_stage_the_alias_moves_and_the_release_is_recorded(
    released: Released,
) -> None:
    recorded = {name for _, name in released.up(5).recorded}
    assert {"work-release-application", "work-release-group"} <= recorded
    released.up(6)
    assert released.version == "2"
