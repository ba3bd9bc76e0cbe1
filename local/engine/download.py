"""Downloads the Pulumi CLI by the SDK's own installer, where its host answers."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# The installer's own requests know no time limit, so that it runs in a process that can be ended.
SECONDS = 300
INSTALL = """
import socket, sys
from pulumi import automation
from semver import VersionInfo
socket.setdefaulttimeout(10)
try:
    automation.PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


def get(target: Path, version: str, report: Callable[[str], None]) -> None:
    """Put the CLI into `target`, or say why not."""
    report(f"downloading the Pulumi CLI {version} …")
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", INSTALL, str(target), version],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        _, said = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        said = f"no end after {SECONDS} s"
    finally:
        # What the installer started goes with it, whatever ended the wait.
        end(process)
    if process.returncode:
        last = (said.strip().splitlines() or ["no reason given"])[-1]
        report(f"it cannot be downloaded from here ({last})")


def end(process: subprocess.Popen[str]) -> None:
    """Kill a process that has a session of its own, with all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    with process:
        process.wait()
