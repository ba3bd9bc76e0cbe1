"""Builds the Pulumi CLI with Go, from the versions that go.mod and go.sum lock."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from local.engine.download import end
from local.errors import LocalError
from local.paths import CACHE

SOURCES = Path(__file__).resolve().parent
PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
LOG = CACHE / "cli" / "build.log"
HEARTBEAT_SECONDS = 30


def get(target: Path, version: str, report: Callable[[str], None]) -> None:
    """Build the CLI into `target`, where there is a Go.

    Raises:
        LocalError: when Go refuses.
    """
    go = shutil.which("go")
    if go is None:
        return
    report("building the Pulumi CLI with Go: about five minutes the first time …")
    LOG.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **go_environment(go)}
    started = time.monotonic()
    with LOG.open("w") as log:
        process = subprocess.Popen(  # noqa: S603
            command(go, target, version),
            cwd=SOURCES,
            env=environment,
            stdout=log,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        try:
            while _runs(process):
                report(f"  still building: {(time.monotonic() - started) / 60:.1f} minutes")
        finally:
            end(process)
    if process.returncode:
        said = "\n  ".join(LOG.read_text().strip().splitlines()[-5:])
        raise LocalError(
            f"Go could not build the Pulumi CLI:\n  {said}\nIs the Go module proxy reachable? "
            "Or install the CLI: https://www.pulumi.com/docs/install"
        )


def command(go: str, target: Path, version: str) -> list[str]:
    """Return the build's command line."""
    flags = f"-w -s -X {VERSION_VARIABLE}=v{version}"
    return [
        *(go, "build", "-tags", "osusergo,grpcnotrace", "-trimpath", "-ldflags", flags),
        *("-o", str(target / "bin/pulumi"), PACKAGE),
    ]


def go_environment(go: str) -> Mapping[str, str]:
    """Return what Go is told: its own caches where it has any, and nothing in an empty home."""
    settings = {"GOWORK": "off", "CGO_ENABLED": "0"}
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    if not (home / "go").is_dir():
        # Go counts its own use there.
        settings["XDG_CONFIG_HOME"] = str(CACHE / "config")
    for name in ("GOCACHE", "GOMODCACHE"):
        asked = subprocess.run(  # noqa: S603
            [go, "env", name],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **settings},
            cwd=SOURCES.parent,
        )
        own = asked.stdout.strip()
        if not own or not Path(own).is_dir():
            settings[name] = str(CACHE / name.lower())
    # Modules are read-only by default: nobody could remove the state folder.
    settings["GOFLAGS"] = f"{os.environ.get('GOFLAGS', '')} -modcacherw -buildvcs=false".strip()
    return settings


def _runs(process: subprocess.Popen[str]) -> bool:
    """Whether it still runs after a while."""
    try:
        process.wait(HEARTBEAT_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return False
