"""The examples of all components, each deployed once."""

import functools
from typing import Any

import pytest

from tests.contracts.examples import EXAMPLES
from tests.recording import Deployment, deploy


@functools.cache
def _deployed(component: type) -> Deployment:
    return deploy(EXAMPLES[component])


@pytest.fixture(params=EXAMPLES, ids=lambda cls: cls.__name__)
def component(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def deployment(component: type) -> Deployment:
    return _deployed(component)
