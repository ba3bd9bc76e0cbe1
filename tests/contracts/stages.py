"""The orders program of each stage, under Pulumi's mocks."""

import functools
import json
import runpy
from pathlib import Path
from typing import Any

import yaml

from tests.recording import Deployment, deploy

STAGES = ("local", "dev", "prod")


def configuration(stage: str) -> dict[str, str]:
    """Return a stage's own configuration, as the engine gives it to the program."""
    given: dict[str, Any] = yaml.safe_load(Path(f"Pulumi.{stage}.yaml").read_text())["config"]
    return {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()
    }


def deploy_stage(stage: str, **changes: Any) -> Deployment:
    """Run the program with a stage's own configuration, and these settings in place of its own."""
    return _deploy(stage, json.dumps(changes))


@functools.cache
def _deploy(stage: str, changes: str) -> Deployment:
    given = configuration(stage)
    settings = {**json.loads(given["toolkit:settings"]), **json.loads(changes)}

    def run() -> None:
        runpy.run_path("__main__.py")

    return deploy(run, stack=stage, config={**given, "toolkit:settings": json.dumps(settings)})
