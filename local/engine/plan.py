"""A preview as data."""

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi import automation as auto
from pulumi.automation import EngineEvent

from local.engine import cli
from local.engine.environment import isolated
from local.engine.workspace import settings_file, workspace
from local.errors import LocalError
from local.paths import PLANS, PROJECT
from local.provider.server import serve


@dataclass(frozen=True, kw_only=True)
class Step:
    """What the engine would do with one resource."""

    op: str
    type: str
    name: str
    urn: str
    parent_urn: str
    inputs: dict[str, Any]
    changed: tuple[str, ...] = ()

    @property
    def parent(self) -> str:
        """The name of the parent."""
        return self.parent_urn.rsplit("::", 1)[-1]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the engine would do with a stack, in its order."""

    stage: str
    steps: tuple[Step, ...]

    @property
    def operations(self) -> Counter[str]:
        """How often each operation comes, without those on the stack itself."""
        return Counter(step.op for step in self.steps)


def plan(stage: str, *, project: Path = PROJECT, report: Callable[[str], None] = print) -> Plan:
    """Plan a stage from nothing: without an account, without credentials, without an emulator.

    Raises:
        LocalError: when the program or the engine refuses the stage.
    """
    # Before the CLI, which may take minutes to get.
    settings_file(stage, project)
    command = cli.find(report)
    PLANS.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=PLANS) as folder,
        isolated(Path(folder)),
        serve(endpoint=None, project=project) as provider,
    ):
        stack = workspace(
            stage=stage,
            folder=Path(folder),
            command=command,
            provider_port=provider.port,
            project=project,
        )
        return preview(stack)


def preview(stack: auto.Stack) -> Plan:
    """Return what an `up` of the stack would do."""
    steps: list[Step] = []

    def collect(event: EngineEvent) -> None:
        if event.resource_pre_event:
            step = _step(event.resource_pre_event.metadata)
            if step.type != "pulumi:pulumi:Stack":
                steps.append(step)

    try:
        stack.preview(on_event=collect, color="never")
    except auto.CommandError as error:
        raise LocalError(reason(error)) from None
    return Plan(stage=stack.name, steps=tuple(steps))


def reason(error: auto.CommandError) -> str:
    """Return what the engine says went wrong, without its table of resources."""
    text = str(error)
    _, found, diagnostics = text.partition("Diagnostics:")
    return diagnostics.split("\n stderr:")[0].strip() if found else text.strip()


def _step(metadata: Any) -> Step:
    new = metadata.new or metadata.old
    return Step(
        op=str(getattr(metadata.op, "value", metadata.op)),
        type=metadata.type,
        name=metadata.urn.rsplit("::", 1)[-1],
        urn=metadata.urn,
        parent_urn=new.parent if new and new.parent else "",
        inputs=dict(new.inputs or {}) if new else {},
        changed=tuple(sorted(metadata.detailed_diff or {})),
    )
