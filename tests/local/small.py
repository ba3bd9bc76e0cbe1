"""A small program for the tests of a stage, and what they do to it."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from local.aws import client
from local.stage import LocalStage

PROGRAM = """
import pulumi
import pulumi_aws as aws

queue = aws.sqs.Queue("{name}", visibility_timeout_seconds={timeout})
for number in range({more}):
    aws.sqs.Queue(f"more-{{number}}")
pulumi.export("url", queue.url)
"""


def write(project: Path, name: str = "one", timeout: int = 30, more: int = 0) -> None:
    text = PROGRAM.format(name=name, timeout=timeout, more=more)
    (project / "__main__.py").write_text(text)


def write_items(project: Path, handler: str) -> None:
    """Put the code of a function into the project: `items.handler`."""
    folder = project / "lambdas/items"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "handler.py").write_text(handler)


def processes(stage: LocalStage) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("TMPDIR", "").startswith(str(stage.state)):
                found.append(process)
        except psutil.Error:
            continue
    return found


def queues(stage: LocalStage) -> list[str]:
    urls = client(stage.endpoint, "sqs").list_queues().get("QueueUrls", [])
    return sorted(url.rsplit("/", 1)[1].rsplit("-", 1)[0] for url in urls)


COMMAND = """
import sys
from pathlib import Path
from local.stage import LocalStage, Status
LocalStage(state=Path(sys.argv[1]), project=Path(sys.argv[2])).up()
"""


def started(stage: LocalStage) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", COMMAND, str(stage.state), str(stage.project)]
    with stage.state.with_name("said").open("a") as said:
        return subprocess.Popen(command, start_new_session=True, stdout=said, stderr=said)  # noqa: S603


def wait_for(condition: Callable[[], bool], running: subprocess.Popen[bytes]) -> None:
    while not condition() and running.poll() is None:
        time.sleep(0.01)


def kill(running: subprocess.Popen[bytes]) -> None:
    for process in [*psutil.Process(running.pid).children(recursive=True)]:
        if "ministack" not in process.cmdline():
            process.kill()
    running.kill()
    running.wait()


def locked(stage: LocalStage) -> bool:
    locks = stage.state / "engine/state/.pulumi/locks"
    return any(path.is_file() for path in locks.rglob("*"))
