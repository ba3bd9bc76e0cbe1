"""An emulator of its own for the tests of the local stage, and a provider in front of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.emulator.process import Emulator
from local.stage import LocalStage
from tests.local.small import write


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    running = Emulator(tmp_path_factory.mktemp("emulator"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (folder / "Pulumi.local.yaml").write_text("config:\n  aws:region: us-east-1\n")
    write(folder)
    return folder


@pytest.fixture
def stage(project: Path, tmp_path: Path) -> Iterator[LocalStage]:
    made = LocalStage(state=tmp_path / "state", project=project, report=lambda _: None)
    yield made
    made.down()
