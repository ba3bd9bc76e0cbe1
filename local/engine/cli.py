"""The genuine Pulumi CLI: on PATH, else ours, else downloaded, else built."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from pulumi import automation as auto
from pulumi.automation import InvalidVersionError
from semver import VersionInfo

from local.engine import build, download
from local.engine.environment import isolated
from local.errors import LocalError
from local.lock import held
from local.paths import CACHE, PULUMI

VERSION = "3.259.0"
Report = Callable[[str], None]


def find(report: Report = print) -> auto.PulumiCommand:
    """Return a CLI of this version or newer, and get one where there is none.

    `report` tells what takes long.

    Raises:
        LocalError: when it can neither be downloaded nor built.
    """
    # Even `pulumi version` writes a log into its home, which must not be the user's.
    with isolated(CACHE / "cli"):
        return _on_path() or _ours() or _got(report)


def _on_path() -> auto.PulumiCommand | None:
    return _command(None) if shutil.which("pulumi") else None


def _ours() -> auto.PulumiCommand | None:
    return _command(PULUMI) if (PULUMI / "bin/pulumi").is_file() else None


def _command(root: Path | None) -> auto.PulumiCommand | None:
    """Return the CLI of a folder, or the one on PATH, if it runs and is recent enough."""
    try:
        return auto.PulumiCommand(
            root=str(root) if root else None, version=VersionInfo.parse(VERSION)
        )
    except (InvalidVersionError, OSError, ValueError, subprocess.SubprocessError):
        return None


def _got(report: Report) -> auto.PulumiCommand:
    with held(PULUMI.with_name("pulumi.lock"), "getting the Pulumi CLI", report):
        # The command that was waited for may have got it.
        found = _ours()
        if found is not None:
            return found
        for get in (download.get, build.get):
            target = _empty()
            get(target, VERSION, report)
            found = _take(target)
            if found is not None:
                return found
    raise LocalError(
        "there is no Pulumi CLI, and it could neither be downloaded nor built: install it "
        "(https://www.pulumi.com/docs/install), or Go 1.21 or newer (https://go.dev/dl)"
    )


def _empty() -> Path:
    """Return an empty folder beside the one that counts: what an interruption leaves is there."""
    target = PULUMI.with_name("pulumi.new")
    shutil.rmtree(target, ignore_errors=True)
    (target / "bin").mkdir(parents=True)
    return target


def _take(target: Path) -> auto.PulumiCommand | None:
    """Put a finished CLI in its place; one that does not run never gets there."""
    if not (target / "bin/pulumi").is_file() or _command(target) is None:
        shutil.rmtree(target, ignore_errors=True)
        return None
    shutil.rmtree(PULUMI, ignore_errors=True)
    target.replace(PULUMI)
    return _command(PULUMI)
