"""The emulator as a process of its own, which outlives the command that started it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import psutil

from local.errors import LocalError
from local.paths import EMULATOR_PYTHON

ACCOUNT = "000000000000"
REGION = "us-east-1"
START_SECONDS = 30
STOP_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Record:
    """Which process the emulator is: ids are used again, times of creation are not."""

    pid: int
    created: float
    port: int


class Emulator:
    """The emulator of one stage; all of its files are below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._record = folder / "process.json"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """The address of the running emulator."""
        record = self._read()
        if record is None:
            raise LocalError("the local stage is not up: run `make up`")
        return f"http://127.0.0.1:{record.port}"

    def alive(self) -> bool:
        """Whether the emulator that was started here still runs and answers."""
        if self._process() is None:
            return False
        try:
            return httpx.get(f"{self.endpoint}/_ministack/health", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def start(self) -> None:
        """Start an empty emulator and wait until it answers.

        Raises:
            LocalError: when it does not.
        """
        scratch = self.folder / "tmp"
        scratch.mkdir(parents=True, exist_ok=True)
        port = _free_port()
        with (self.folder / "emulator.log").open("ab") as log:
            self._child = process = subprocess.Popen(  # noqa: S603
                [str(EMULATOR_PYTHON), "-m", "ministack"],
                env=self._environment(port),
                cwd=scratch,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        created = psutil.Process(process.pid).create_time()
        self._write(Record(pid=process.pid, created=created, port=port))
        deadline = time.monotonic() + START_SECONDS
        while not self.alive():
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise LocalError(f"the emulator did not start: see {self.folder}/emulator.log")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the emulator and its functions, also those that a killed emulator left."""
        process = self._process()
        if process is not None:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(STOP_SECONDS)
        for each in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        if self._child is not None:
            self._child.wait()
            self._child = None
        self._record.unlink(missing_ok=True)

    def _process(self) -> psutil.Process | None:
        record = self._read()
        if record is None:
            return None
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(record.pid)
            if process.create_time() == record.created and process.status() != "zombie":
                return process
        return None

    def _family(self) -> list[psutil.Process]:
        """Return every process that carries this emulator's folder in its environment."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get("TMPDIR") == str(self.folder / "tmp"):
                    found.append(process)
        return found

    def _environment(self, port: int) -> Mapping[str, str]:
        """Return the whole environment; functions inherit it, so the user's stays out."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder / "tmp"),
            "STATE_DIR": str(self.folder / "state"),
            "S3_DATA_DIR": str(self.folder / "s3"),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            # IAM is enforced: a missing grant fails here, and not in production.
            "AUTH": "true",
            "LAMBDA_EXECUTOR": "local",
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.05",
            "SFN_WAIT_SCALE": "0",
            "LOG_LEVEL": "WARNING",
            # Without these it listens on all interfaces, and looks for Docker.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": "unix:///nonexistent/docker.sock",
        }

    def _read(self) -> Record | None:
        try:
            return Record(**json.loads(self._record.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _write(self, record: Record) -> None:
        written = self._record.with_suffix(".new")
        written.write_text(json.dumps(asdict(record)))
        written.replace(self._record)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
