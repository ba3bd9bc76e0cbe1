"""The emulator as a process of its own, which outlives the command that started it."""

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import psutil

from local import processes
from local.emulator.settings import settings
from local.errors import LocalError
from local.paths import EMULATOR_PYTHON

START = Path(__file__).with_name("start.py")
START_SECONDS = 30
# A busy emulator answers late; one that does not answer for so long is as good as gone.
ANSWER_SECONDS = 15
STARTS = 3
# The clock that times of creation are derived from may be set meanwhile.
CLOCK_SECONDS = 2
# It ends at once, so that the emulator is nobody's child: it stays when the command ends.
LAUNCH = """
import subprocess, sys
print(subprocess.Popen(sys.argv[1:], stdout=sys.stderr, start_new_session=True).pid)
"""


@dataclass(frozen=True, kw_only=True)
class Record:
    """Which process the emulator is: ids are used again, times of creation are not."""

    pid: int
    create_time: float
    port: int


class Emulator:
    """The emulator of one stage; all of its files are below `folder`."""

    def __init__(
        self,
        folder: Path,
        *,
        python: Path = EMULATOR_PYTHON,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.python = python
        self.environment = environment or {}
        self._file = self.folder / "process.json"

    @property
    def endpoint(self) -> str:
        """The address of the running emulator; raises `LocalError` when there is none."""
        record = self._read()
        if record is None or _process(record) is None:
            raise LocalError("the local stage is not up: run `make up`")
        return f"http://127.0.0.1:{record.port}"

    @property
    def process(self) -> psutil.Process:
        """The running emulator; raises `LocalError` when there is none."""
        record = self._read()
        process = _process(record) if record else None
        if process is None:
            raise LocalError("the local stage is not up: run `make up`")
        return process

    def alive(self) -> bool:
        """Whether the emulator that was started here still runs and answers."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while (record := self._read()) and _process(record) and time.monotonic() < deadline:
            if _answers(record.port):
                return True
        return False

    def start(self) -> None:
        """Start an empty emulator and wait until it answers.

        Raises:
            LocalError: when it does not.
        """
        if not self.python.exists():
            raise LocalError("the emulator's environment is missing: run `make setup`")
        # Between the choice of a free port and its use, another may take it.
        for _ in range(STARTS):
            if self._started(_free_port()):
                return
            self.stop()
        said = "\n  ".join(self._log.read_text().strip().splitlines()[-5:])
        raise LocalError(f"the emulator did not start:\n  {said}\nRun `make setup`, then again.")

    def stop(self) -> None:
        """End the emulator and its functions, also those that a killed emulator left."""
        # Functions inherit its folder for temporary files, which is nobody else's.
        processes.end("TMPDIR", str(self.scratch))
        self._file.unlink(missing_ok=True)

    @property
    def scratch(self) -> Path:
        """The folder for temporary files: its name in the environment marks what belongs here."""
        return self.folder / "tmp"

    @property
    def _log(self) -> Path:
        return self.folder / "emulator.log"

    def _started(self, port: int) -> bool:
        self.scratch.mkdir(parents=True, exist_ok=True)
        with self._log.open("a") as log:
            launched = subprocess.run(  # noqa: S603
                [
                    *(sys.executable, "-I", "-S", "-c", LAUNCH),
                    *(str(self.python), str(START), "ministack"),
                ],
                env=settings(self.folder, self.scratch, port, self.environment),
                cwd=self.scratch,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                check=True,
            )
        try:
            process = psutil.Process(int(launched.stdout))
            record = Record(pid=process.pid, create_time=process.create_time(), port=port)
        except psutil.NoSuchProcess:
            return False
        self._write(record)
        deadline = time.monotonic() + START_SECONDS
        while _process(record) and time.monotonic() < deadline:
            if _answers(port):
                return True
            time.sleep(0.02)
        return False

    def _read(self) -> Record | None:
        try:
            return Record(**json.loads(self._file.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _write(self, record: Record) -> None:
        written = self._file.with_suffix(".new")
        written.write_text(json.dumps(asdict(record)))
        written.replace(self._file)


def _process(record: Record) -> psutil.Process | None:
    """Return the process of a record, if it is still the same one and alive."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(record.pid)
        same = abs(process.create_time() - record.create_time) < CLOCK_SECONDS
        if same and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def _answers(port: int) -> bool:
    try:
        # Whatever proxy the user has: this never leaves the machine.
        url = f"http://127.0.0.1:{port}/_ministack/health"
        return httpx.get(url, timeout=5, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
