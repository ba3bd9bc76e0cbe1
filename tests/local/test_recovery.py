"""What is done about a deployment that was interrupted."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.engine import recovery
from local.engine.recovery import Remedy

RESOURCE = {"urn": "urn:pulumi:local::p::aws:sqs/queue:Queue::one"}


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    return tmp_path / "engine"


def checkpoint(engine: Path, **latest: Any) -> Path:
    path = engine / "state/.pulumi/stacks/p/local.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 3, "checkpoint": {"latest": latest}}))
    return path


def lock(engine: Path) -> None:
    path = engine / "state/.pulumi/locks/organization/p/local/1.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")


def judged(engine: Path, *, alive: bool = True) -> Remedy:
    return recovery.remedy(engine, emulator_alive=alive)


def test_a_first_deployment_needs_nothing(engine: Path) -> None:
    assert judged(engine) is Remedy.NOTHING
    assert not recovery.deployed(engine)


def test_a_deployment_that_ended_needs_nothing(engine: Path) -> None:
    recovery.note(engine)
    checkpoint(engine, resources=[RESOURCE])
    recovery.forget(engine)
    assert judged(engine) is Remedy.NOTHING
    assert recovery.deployed(engine)


def test_without_its_emulator_a_state_is_worthless(engine: Path) -> None:
    checkpoint(engine, resources=[RESOURCE])
    assert judged(engine, alive=False) is Remedy.ANEW


def test_operations_that_did_not_end_make_the_state_worthless(engine: Path) -> None:
    checkpoint(engine, resources=[], pending_operations=[{"type": "creating"}])
    assert judged(engine) is Remedy.ANEW


@pytest.mark.parametrize("content", ["", "{", "[]", '{"checkpoint": 1}'])
def test_a_state_that_cannot_be_read_is_worthless(engine: Path, content: str) -> None:
    checkpoint(engine).write_text(content)
    assert judged(engine) is Remedy.ANEW


def test_a_stack_without_a_deployment_is_no_mistake(engine: Path) -> None:
    checkpoint(engine).write_text('{"checkpoint": {"stack": "local"}}')
    assert judged(engine) is Remedy.NOTHING


def test_a_killed_command_that_had_changed_the_state_makes_it_worthless(engine: Path) -> None:
    checkpoint(engine, resources=[])
    recovery.note(engine)
    checkpoint(engine, resources=[RESOURCE])
    assert judged(engine) is Remedy.ANEW


def test_a_killed_command_that_had_changed_nothing_costs_no_data(engine: Path) -> None:
    checkpoint(engine, resources=[RESOURCE])
    recovery.note(engine)
    assert judged(engine) is Remedy.NOTHING
    lock(engine)
    assert judged(engine) is Remedy.UNLOCK
    recovery.unlock(engine)
    assert judged(engine) is Remedy.NOTHING


def test_a_note_may_be_forgotten_twice(engine: Path) -> None:
    recovery.note(engine)
    recovery.forget(engine)
    recovery.forget(engine)
    assert judged(engine) is Remedy.NOTHING
