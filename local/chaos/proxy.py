"""The proxy of faults between the functions and the emulator."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from local.errors import LocalError

START_SECONDS = 30
SERVER = "local.chaos.server"


@dataclass
class Proxy:
    """A child process that carries the emulator's mark, so that whatever ends that, ends it."""

    upstream: str
    seed: int
    scratch: Path
    server: str = SERVER
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def endpoint(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start without any fault.

        Raises:
            LocalError: when it does not answer.
        """
        with socket.create_server(("127.0.0.1", 0)) as listening, self._log.open("a") as log:
            self.port = listening.getsockname()[1]
            self._process = subprocess.Popen(  # noqa: S603
                [
                    *(sys.executable, "-m", self.server),
                    *(str(listening.fileno()), self.upstream, str(self.seed)),
                ],
                env={**os.environ, "TMPDIR": str(self.scratch)},
                pass_fds=[listening.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                self._call("GET", "health")
            except httpx.HTTPError:
                time.sleep(0.05)
            else:
                return
        self.stop()
        raise LocalError(f"the proxy of faults did not start: {self._log.read_text()[-500:]}")

    def stop(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def use(self, rules: Sequence[dict[str, Any]]) -> None:
        """Let these rules decide from now on; without any, nothing is faulty."""
        self._call("POST", "rules", rules)

    def fired(self) -> list[dict[str, Any]]:
        """Return each fault that was injected."""
        found: list[dict[str, Any]] = self._call("GET", "fired?limit=100000")
        return found

    @property
    def _log(self) -> Path:
        return self.scratch / "proxy.log"

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(
            method,
            f"{self.endpoint}/_microburst/{path}",
            content=None if body is None else json.dumps(body),
            timeout=10,
            trust_env=False,
        )
        return answer.raise_for_status().json()
