"""The local stage: an emulator, and the stack that the engine keeps on it."""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi import automation as auto

from local.emulator.process import Emulator
from local.engine import cli
from local.engine.plan import reason
from local.engine.workspace import workspace
from local.errors import LocalError
from local.paths import LOCAL, PROJECT
from local.provider.server import Provider, serve

NAME = "local"


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """What an `up` did."""

    changes: dict[str, int]
    recorded: list[tuple[str, str]]


def _pending(checkpoint: Path) -> bool:
    try:
        latest = json.loads(checkpoint.read_text())["checkpoint"].get("latest") or {}
    except ValueError:
        return True
    return bool(latest.get("pending_operations"))


@dataclass
class LocalStage:
    """One local stage; all that it makes is in `state`, so several run side by side."""

    state: Path = LOCAL
    project: Path = PROJECT
    report: Callable[[str], None] = print
    emulator: Emulator = field(init=False)

    def __post_init__(self) -> None:
        self.state = self.state.resolve()
        self.emulator = Emulator(self.state / "emulator")

    @property
    def endpoint(self) -> str:
        """The emulator's address."""
        return self.emulator.endpoint

    def up(self) -> Deployed:
        """Deploy the program; whatever an earlier command left half done is dealt with.

        Raises:
            LocalError: with what the program, the engine or the emulator refused.
        """
        with self._alone():
            self._recover()
            with self._stack() as (stack, provider):
                try:
                    result = stack.up(color="never")
                except auto.CommandError as error:
                    raise LocalError(reason(error)) from None
                changes = result.summary.resource_changes or {}
                named = {str(getattr(op, "value", op)): count for op, count in changes.items()}
                return Deployed(changes=named, recorded=provider.recorded)

    def refresh(self) -> dict[str, int]:
        """Take what is there now into the state, and return the counts of what differed."""
        with self._alone(), self._stack() as (stack, _):
            changes = stack.refresh(color="never").summary.resource_changes or {}
            return {str(getattr(op, "value", op)): count for op, count in changes.items()}

    def destroy(self) -> None:
        """Remove every resource through the engine; the emulator stays."""
        with self._alone(), self._stack() as (stack, _):
            stack.destroy(color="never")

    def down(self) -> None:
        """Stop everything and remove the stage's files, in whatever state they are."""
        if self.state.exists():
            with self._alone():
                self.emulator.stop()
                for path in self.state.iterdir():
                    if path.name != "lock":
                        shutil.rmtree(path, ignore_errors=True)
            shutil.rmtree(self.state, ignore_errors=True)

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs.

        Raises:
            LocalError: when the stage is not up.
        """
        if not self.emulator.alive():
            raise LocalError("the local stage is not up: run `make up`")
        with self._stack() as (stack, _):
            return {name: output.value for name, output in stack.outputs().items()}

    def _recover(self) -> None:
        """Start from an empty emulator and state where either cannot be trusted.

        The emulator keeps its data in memory, so without it the state is of nothing. Of operations
        that were under way when a deployment was killed, nobody knows what they did.
        """
        if self.emulator.alive() and not self._interrupted():
            return
        if (self.state / "engine").exists():
            self.report("starting anew: the last deployment or its emulator was interrupted")
        self.emulator.stop()
        shutil.rmtree(self.state / "engine", ignore_errors=True)
        shutil.rmtree(self.emulator.folder, ignore_errors=True)
        self.emulator.start()

    def _interrupted(self) -> bool:
        """Whether an engine was killed: it leaves its lock, or operations that it did not end."""
        kept = self.state / "engine/state/.pulumi"
        if any(path.is_file() for path in (kept / "locks").rglob("*")):
            return True
        return any(_pending(path) for path in (kept / "stacks").rglob(f"{NAME}.json"))

    @contextmanager
    def _stack(self) -> Iterator[tuple[auto.Stack, Provider]]:
        command = cli.find(self.report)
        with serve(endpoint=self.endpoint, project=self.project) as provider:
            stack = workspace(
                stage=NAME,
                folder=self.state / "engine",
                command=command,
                provider_port=provider.port,
                project=self.project,
            )
            yield stack, provider

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other commands on this stage out until this one ends; a killed one lets go."""
        self.state.mkdir(parents=True, exist_ok=True)
        with (self.state / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LocalError(
                    "another command is working on the local stage: wait for it"
                ) from None
            yield
