"""An emulator of its own for the tests of the local stage, and a provider in front of it."""

from collections.abc import Iterator

import pytest

from local.emulator.process import Emulator


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    running = Emulator(tmp_path_factory.mktemp("emulator"))
    running.start()
    yield running
    running.stop()
