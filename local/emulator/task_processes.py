"""Processes in place of Docker's containers, behind the part of Docker's client that ECS uses."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

GUARD = Path(__file__).with_name("task_guard.py")
# What the provider tells of the project by a container's labels, as there is no image.
PYTHON, CODE = "toolkit.python", "toolkit.code"
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
STOP_SECONDS = 30
# The rest of the emulator's environment is none of a task's business.
INHERITED = (
    *("AWS_DISABLE_HOST_PREFIX_INJECTION", "AWS_EC2_METADATA_DISABLED", "AWS_ENDPOINT_URL"),
    *("HOME", "LANG", "PATH", "PYTHONDONTWRITEBYTECODE", "TMPDIR"),
)


def command(definition: Mapping[str, Any]) -> list[str]:
    """Return what a container runs, by the project's interpreter where it names Python.

    Raises:
        ValueError: when the task definition leaves it to the image, which is not there.
    """
    words = [*(definition.get("entryPoint") or ()), *(definition.get("command") or ())]
    if not words:
        raise ValueError(f"container {definition['name']} has no command in its task definition")
    if PurePath(words[0]).name.startswith("python"):
        words[0] = (definition.get("dockerLabels") or {}).get(PYTHON, words[0])
    return words


def environment(definition: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """Return a container's environment: what an image and Fargate give, and its own."""
    return {
        **{name: os.environ[name] for name in INHERITED if name in os.environ},
        "PYTHONPATH": (definition.get("dockerLabels") or {}).get(CODE, ""),
        "PYTHONUNBUFFERED": "1",
        **given,
    }


class Container:
    """A process and its children, which end with it."""

    def __init__(self, definition: Mapping[str, Any], given: Mapping[str, str]) -> None:
        self.id = uuid.uuid4().hex
        # It has no address of its own.
        self.attrs: dict[str, Any] = {"NetworkSettings": {"Networks": {}}}
        self._asked = False
        self._patience = definition.get("stopTimeout") or STOP_SECONDS
        logged = (definition.get("logConfiguration") or {}).get("logDriver") == "awslogs"
        words, variables = command(definition), environment(definition, given)
        self._folder = Path(os.environ["TMPDIR"], f"task-{self.id}")
        self._folder.mkdir()
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", str(GUARD), *words],
            cwd=self._folder,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if logged else subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        threading.Thread(target=self._sweep, daemon=True).start()

    @property
    def status(self) -> str:
        """What Docker calls its state."""
        return "running" if self._process.poll() is None else "exited"

    def reload(self) -> None:
        """Do nothing: `status` is always looked up."""

    def wait(self) -> dict[str, int]:
        """Wait until it has ended, and return its exit code."""
        code = self._process.wait()
        return {"StatusCode": code if code >= 0 else 128 - code}

    def logs(self, **_: Any) -> Iterator[bytes]:
        """Yield each line that it writes, until it has ended."""
        if self._process.stdout is not None:
            # Not `yield from`, which would close it with a reader that has read enough.
            for line in self._process.stdout:  # noqa: UP028
                yield line
            self._process.stdout.close()

    def ask(self) -> None:
        """Send the signal that asks it to end, once."""
        if not self._asked:
            self._asked = True
            self._signal(self._process.pid, os.kill, signal.SIGTERM)

    def stop(self, **_: Any) -> None:
        """End it as ECS does: what does not end within its `stopTimeout` is killed."""
        self.ask()
        try:
            self._process.wait(self._patience)
        except subprocess.TimeoutExpired:
            self._signal(self._process.pid, os.killpg, signal.SIGKILL)
            self._process.wait()

    def remove(self, **_: Any) -> None:
        """Do nothing: nothing of it is left when it has ended."""

    def _signal(self, pid: int, send: Any, number: signal.Signals) -> None:
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                send(pid, number)

    def _sweep(self) -> None:
        assert self._process.stdin is not None  # noqa: S101
        self._process.wait()
        self._process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)


class Processes:
    """Docker's client: its containers, which are processes."""

    def __init__(self) -> None:
        self._containers: dict[str, Container] = {}

    @property
    def containers(self) -> "Processes":
        """The collection of the containers."""
        return self

    def run(self, _image: str, *, definition: Any, given: Any) -> Container:
        """Start a container of a definition, in this environment."""
        made = Container(definition, given)
        self._containers[made.id] = made
        return made

    def get(self, id_: str) -> Container:
        """Return a container; raises `KeyError` when there is none."""
        return self._containers[id_]

    def list(self, **_: Any) -> list[Container]:
        """Return all containers that run."""
        return [each for each in self._containers.values() if each.status == "running"]

    def forget(self, ids: Iterable[str]) -> None:
        """Drop containers that have ended."""
        for id_ in ids:
            self._containers.pop(id_, None)
