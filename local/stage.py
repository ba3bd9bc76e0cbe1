"""The local stage: an emulator, and the stack that the engine keeps on it."""

import json
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from pulumi import automation as auto

from local import processes
from local.emulator.process import Emulator
from local.engine import cli, recovery
from local.engine.environment import isolated
from local.engine.plan import Plan, preview, reason
from local.engine.recovery import Remedy
from local.engine.workspace import workspace
from local.errors import LocalError
from local.lock import held
from local.paths import LOCAL, PROJECT
from local.provider.server import Provider, serve

NAME = "local"


class Status(Enum):
    """How a stage is."""

    UP = "up"
    INTERRUPTED = "interrupted"
    DOWN = "down"


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """What an `up` did: counts by operation, and what was recorded and no emulator has."""

    changes: dict[str, int]
    recorded: list[tuple[str, str]]


@dataclass
class LocalStage:
    """One local stage; all that it makes is in `state`, so several run side by side."""

    state: Path = LOCAL
    project: Path = PROJECT
    report: Callable[[str], None] = print
    environment: Mapping[str, str] = field(default_factory=dict)
    emulator: Emulator = field(init=False)

    def __post_init__(self) -> None:
        self.state = self.state.resolve()
        self.emulator = Emulator(self.state / "emulator", environment=self.environment)

    @property
    def endpoint(self) -> str:
        """The emulator's address; raises `LocalError` when the stage is not up."""
        return self.emulator.endpoint

    def status(self) -> Status:
        """Tell how the stage is, and change nothing."""
        remedy = recovery.remedy(self._engine, emulator_alive=self.emulator.alive())
        if remedy is Remedy.NOTHING and self._outputs.is_file():
            return Status.UP
        return Status.INTERRUPTED if recovery.deployed(self._engine) else Status.DOWN

    def up(self) -> Deployed:
        """Deploy the program; whatever an earlier command left half done is dealt with.

        Raises:
            LocalError: with what the program, the engine or the emulator refused.
        """
        with self._alone():
            self._recover()
            with self._stack() as (stack, provider):
                with self._timed("engine"):
                    result = stack.up(color="never")
                self._keep({name: output.value for name, output in result.outputs.items()})
                changes = _counts(result.summary.resource_changes)
                return Deployed(changes=changes, recorded=provider.recorded)

    def preview(self) -> Plan:
        """Plan what an `up` would change, and change nothing."""
        with self._alone(), self._stack() as (stack, _):
            return preview(stack)

    def refresh(self) -> dict[str, int]:
        """Take what is there now into the state, and return the counts of what differed."""
        with self._alone(), self._stack() as (stack, _):
            return _counts(stack.refresh(color="never").summary.resource_changes)

    def destroy(self) -> dict[str, int]:
        """Remove every resource through the engine; the emulator stays."""
        with self._alone(), self._stack() as (stack, _):
            changes = _counts(stack.destroy(color="never").summary.resource_changes)
            self._keep({})
            return changes

    def down(self) -> None:
        """Stop everything and remove the stage's files, in whatever state they are.

        Raises:
            LocalError: when a file cannot be removed.
        """
        with self._alone():
            self._stop_engine(wait=0)
            self.emulator.stop()
            if self.state.exists():
                try:
                    shutil.rmtree(self.state)
                except OSError as error:
                    raise LocalError(f"not all files could be removed: {error}") from None

    def outputs(self) -> dict[str, Any]:
        """Return the outputs of the last deployment.

        Raises:
            LocalError: when the stage is not up.
        """
        if not self.emulator.alive() or not self._outputs.is_file():
            raise LocalError("the local stage is not up: run `make up`")
        outputs: dict[str, Any] = json.loads(self._outputs.read_text())
        return outputs

    @property
    def _engine(self) -> Path:
        return self.state / "engine"

    @property
    def _outputs(self) -> Path:
        return self.state / "outputs.json"

    def _keep(self, outputs: Mapping[str, Any]) -> None:
        written = self._outputs.with_suffix(".new")
        written.write_text(json.dumps(outputs))
        written.replace(self._outputs)

    def _recover(self) -> None:
        """Bring emulator and state into a condition that can be deployed to."""
        self._stop_engine(wait=0)
        remedy = recovery.remedy(self._engine, emulator_alive=self.emulator.alive())
        if remedy is Remedy.UNLOCK:
            recovery.unlock(self._engine)
        if remedy is Remedy.ANEW:
            if recovery.deployed(self._engine):
                self.report("starting anew: the last deployment or its emulator was interrupted")
            self.emulator.stop()
            self._outputs.unlink(missing_ok=True)
            for folder in (self._engine, self.emulator.folder):
                shutil.rmtree(folder, ignore_errors=True)
            with self._timed("emulator"):
                self.emulator.start()

    @contextmanager
    def _stack(self) -> Iterator[tuple[auto.Stack, Provider]]:
        """Yield the stack and its provider for one operation of the engine."""
        with self._timed("Pulumi CLI"):
            command = cli.find(self.report)
        with (
            isolated(self._engine),
            serve(endpoint=self.endpoint, project=self.project) as provider,
        ):
            recovery.note(self._engine)
            try:
                yield (
                    workspace(
                        stage=NAME,
                        folder=self._engine,
                        command=command,
                        provider_port=provider.port,
                        project=self.project,
                    ),
                    provider,
                )
            except auto.CommandError as error:
                raise LocalError(reason(error)) from None
            finally:
                # An interrupted engine finishes what it began, while the provider still serves.
                if self._stop_engine(wait=3):
                    recovery.forget(self._engine)

    def _stop_engine(self, *, wait: float) -> bool:
        home = str(self._engine / "home")
        return processes.end("PULUMI_HOME", home, polite=signal.SIGINT, wait=wait, grace=7)

    @contextmanager
    def _timed(self, part: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.report(f"{part}: {time.monotonic() - started:.1f} s")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other commands on this stage out until this one ends."""
        lock = self.state.with_name(f"{self.state.name}.lock")
        with held(lock, "the local stage", self.report):
            yield


def _counts(changes: Mapping[Any, int] | None) -> dict[str, int]:
    return {str(getattr(op, "value", op)): count for op, count in (changes or {}).items()}
