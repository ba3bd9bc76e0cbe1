"""The runner of durable executions as a process of the emulator, in whose process this runs."""

import http.client
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from local.emulator.settings import ACCESS_KEY, SECRET_KEY
from local.paths import DURABLE_PYTHON

SERVER = Path(__file__).with_name("durable_server.py")
RESTART_SECONDS = 10


class Runner:
    """One Region's runner: started when it is first needed, and again when it dies."""

    def __init__(self, region: str) -> None:
        self.region = region
        self._starting = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._port = 0

    def ready(self) -> int:
        """Return the runner's port; start it when it does not run.

        Raises:
            RuntimeError: when it cannot be started.
        """
        with self._starting:
            if self._process is None or self._process.poll() is not None:
                self._start()
            return self._port

    def call(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Call the runner, which may be starting again; its answer is JSON."""
        end = time.monotonic() + RESTART_SECONDS
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.ready())
            try:
                connection.request(method, path, body)
                answer = connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException) as error:
                # It died just now. What was sent may have been done: only a question is repeated.
                again = method == "GET" or isinstance(error, ConnectionRefusedError)
                if not again or time.monotonic() > end:
                    raise
                time.sleep(0.05)
            finally:
                connection.close()

    def _start(self) -> None:
        if not DURABLE_PYTHON.exists():
            raise RuntimeError("the environment of durable functions is missing: run `make setup`")
        store = Path.home() / "durable" / f"{self.region}.db"
        store.parent.mkdir(exist_ok=True)
        self._process = subprocess.Popen(  # noqa: S603
            [DURABLE_PYTHON, SERVER, os.environ["AWS_ENDPOINT_URL"], self.region, store],
            env={
                **os.environ,
                "AWS_REGION": self.region,
                "AWS_DEFAULT_REGION": self.region,
                "AWS_ACCESS_KEY_ID": ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout  # noqa: S101
        port = self._process.stdout.readline()
        if not port:
            raise RuntimeError("the runner of durable executions did not start")
        self._port = int(port)
        threading.Thread(target=self._watch, args=(self._process,), daemon=True).start()

    def _watch(self, process: "subprocess.Popen[str]") -> None:
        """Start it again when it ends: executions wait for its clock, and nobody may call it."""
        process.wait()
        sys.stderr.write("the runner of durable executions ended: it is started again\n")
        self.ready()
