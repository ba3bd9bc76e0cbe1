"""A project for the engine that is a copy: no command changes a file that git tracks."""

import os
import runpy
import sys
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation as auto

from local.engine.environment import environment
from local.errors import LocalError
from local.paths import PROJECT

# A stage's own keys for secrets: the copy has a passphrase, which is empty.
SECRETS = ("secretsprovider", "encryptedkey", "encryptionsalt")


def workspace(
    *,
    stage: str,
    folder: Path,
    command: auto.PulumiCommand,
    provider_port: int,
    project: Path = PROJECT,
) -> auto.Stack:
    """Return the stack of a stage, whose engine, state and settings are below `folder`.

    Raises:
        LocalError: when there is no such stage.
    """
    copy(stage, folder, project)
    (folder / "state").mkdir(parents=True, exist_ok=True)
    made = auto.LocalWorkspace(
        work_dir=str(folder / "project"),
        program=lambda: run(project),
        env_vars={**environment(folder), "PULUMI_DEBUG_PROVIDERS": f"aws:{provider_port}"},
        pulumi_command=command,
    )
    return auto.Stack.create_or_select(stage, made)


def run(project: Path) -> None:
    """Run the program as `pulumi up` would: from its own folder, its modules first."""
    before = Path.cwd()
    path = list(sys.path)
    os.chdir(project)
    sys.path.insert(0, str(project))
    try:
        runpy.run_path(str(project / "__main__.py"), run_name="__main__")
    finally:
        sys.path[:] = path
        os.chdir(before)


def settings_file(stage: str, project: Path) -> Path:
    """Return the file of a stage; raises `LocalError` with those that there are."""
    path = project / f"Pulumi.{stage}.yaml"
    if not path.is_file():
        known = sorted(path.name.split(".")[1] for path in project.glob("Pulumi.*.yaml"))
        raise LocalError(f"there is no stage {stage!r}: there are {', '.join(known)}")
    return path


def copy(stage: str, folder: Path, project: Path) -> None:
    """Write the copies of the project's and the stage's files that the engine works on."""
    source = settings_file(stage, project)
    target = folder / "project"
    target.mkdir(parents=True, exist_ok=True)
    settings = _without(source, *SECRETS)
    whole = _without(project / "Pulumi.yaml", "backend")
    # Paths of packages are relative to the program: `main` tells the engine where that is.
    whole["main"] = os.path.relpath(project.resolve(), target.resolve())
    whole["runtime"] = "python"
    _write(target / f"Pulumi.{stage}.yaml", {**_kept(target, stage), **settings})
    _write(target / "Pulumi.yaml", whole)


def _kept(target: Path, stage: str) -> dict[str, Any]:
    """Return the salt of the copy's own passphrase, which its state was written with."""
    copied = target / f"Pulumi.{stage}.yaml"
    if not copied.is_file():
        return {}
    content = yaml.safe_load(copied.read_text()) or {}
    return {key: content[key] for key in ("encryptionsalt",) if key in content}


def _without(path: Path, *keys: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text()) or {}
    return {key: value for key, value in content.items() if key not in keys}


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write at once: a killed command leaves the old file or the new one."""
    written = path.with_suffix(".new")
    written.write_text(yaml.safe_dump(content))
    written.replace(path)
