"""A provider that only plans, and one in front of the emulator."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.aws import client
from local.emulator.process import Emulator
from tests.local.engine_side import Engine, connected
from tests.local.world import World

HANDLER = "def handle(event, context):\n    return {'statusCode': 200, 'body': '%s'}\n"


@pytest.fixture(scope="module")
def planner() -> Iterator[Engine]:
    with connected(None, Path.cwd()) as made:
        yield made


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    for name, body in (("code", "one"), ("other", "two")):
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            archive.writestr("app.py", HANDLER % body)
    return folder


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator of these tests' own: other tests make things of the same names."""
    running = Emulator(tmp_path_factory.mktemp("provider"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def engine(emulator: Emulator, packages: Path) -> Iterator[Engine]:
    with connected(emulator.endpoint, packages) as made:
        yield made


@pytest.fixture(scope="session")
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def aws(emulator: Emulator) -> Callable[[str], Any]:
    """Clients that look at the emulator from outside."""
    return lambda service: client(emulator.endpoint, service)


@pytest.fixture
def default_tags(engine: Engine) -> Iterator[Callable[..., None]]:
    def configure(**tags: str) -> None:
        engine.configure(region="us-east-1", defaultTags=json.dumps({"tags": tags}))

    yield configure
    configure()
