"""The genuine Pulumi CLI: on PATH, else ours, else downloaded, else built."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pulumi import automation as auto
from pulumi.automation import InvalidVersionError
from semver import VersionInfo

from local.errors import LocalError
from local.paths import CACHE, PULUMI

VERSION = "3.259.0"
DOWNLOAD_SECONDS = 120
SOURCES = Path(__file__).resolve().parent
PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
INSTALL = """
import sys
from pulumi import automation
from semver import VersionInfo
automation.PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
"""
Report = Callable[[str], None]


def find(report: Report = print) -> auto.PulumiCommand:
    """Return the CLI, and get it where there is none; `report` tells what takes long.

    Raises:
        LocalError: when it can neither be downloaded nor built.
    """
    return _on_path() or _ours() or _downloaded(report) or _built(report)


def _on_path() -> auto.PulumiCommand | None:
    return _command(None) if shutil.which("pulumi") else None


def _ours() -> auto.PulumiCommand | None:
    return _command(PULUMI) if (PULUMI / "bin/pulumi").is_file() else None


def _command(root: Path | None) -> auto.PulumiCommand | None:
    """Return the CLI of a folder, or the one on PATH, if it is recent enough."""
    try:
        return auto.PulumiCommand(
            root=str(root) if root else None, version=VersionInfo.parse(VERSION)
        )
    except (InvalidVersionError, OSError, subprocess.SubprocessError):
        return None


def _downloaded(report: Report) -> auto.PulumiCommand | None:
    """Run the SDK's own installer, in a process that ends when its host does not answer."""
    report("downloading the Pulumi CLI …")
    target = _new_folder()
    command = [sys.executable, "-c", INSTALL, str(target), VERSION]
    try:
        subprocess.run(command, capture_output=True, check=True, timeout=DOWNLOAD_SECONDS)  # noqa: S603
    except subprocess.SubprocessError:
        report("it cannot be downloaded from here")
    return _take(target)


def _built(report: Report) -> auto.PulumiCommand:
    go = shutil.which("go")
    if go is None:
        raise LocalError(
            "there is no Pulumi CLI: install it (https://www.pulumi.com/docs/install), or Go to "
            "build it"
        )
    report("building the Pulumi CLI with Go: about five minutes, once …")
    target = _new_folder()
    flags = f"-w -s -X {VERSION_VARIABLE}=v{VERSION}"
    command = [
        *(go, "build", "-tags", "osusergo,grpcnotrace", "-trimpath", "-ldflags", flags),
        *("-o", str(target / "bin/pulumi"), PACKAGE),
    ]
    environment = {
        **os.environ,
        **_go_caches(go),
        "CGO_ENABLED": "0",
        "GOFLAGS": "-modcacherw -buildvcs=false",
    }
    done = subprocess.run(command, cwd=SOURCES, env=environment, check=False)  # noqa: S603
    built = None if done.returncode else _take(target)
    if built is None:
        raise LocalError("the Pulumi CLI could not be built: is the Go module proxy reachable?")
    return built


def _new_folder() -> Path:
    target = PULUMI.with_name("pulumi.new")
    shutil.rmtree(target, ignore_errors=True)
    (target / "bin").mkdir(parents=True)
    return target


def _take(target: Path) -> auto.PulumiCommand | None:
    """Put a finished CLI in its place; a half of one never gets there."""
    if not (target / "bin/pulumi").is_file():
        return None
    shutil.rmtree(PULUMI, ignore_errors=True)
    target.replace(PULUMI)
    return _command(PULUMI)


def _go_caches(go: str) -> dict[str, str]:
    """Use Go's own caches where there are any; leave nothing in an empty home."""
    caches = {}
    for name in ("GOCACHE", "GOMODCACHE"):
        asked = subprocess.run([go, "env", name], capture_output=True, text=True, check=True)  # noqa: S603
        own = Path(asked.stdout.strip())
        caches[name] = str(own if own.is_dir() else CACHE / name.lower())
    return caches
