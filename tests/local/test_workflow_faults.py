"""Faults of the calls that workflows make themselves, with a stand-in for the emulator."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.emulator import workflow_faults
from local.runtime import faults
from local.runtime.faults import THROTTLED, UNHEARD

UPDATE = "arn:aws:states:::dynamodb:updateItem"


class StateError(Exception):
    """As the emulator's own: an error's name and its cause."""


@pytest.fixture
def states() -> SimpleNamespace:
    done: list[Any] = []

    def invoke(_resource: str, request: Any) -> str:
        done.append(request)
        return "done"

    return SimpleNamespace(_invoke_resource=invoke, _ExecutionError=StateError, done=done)


def befall(states: SimpleNamespace, folder: Path, **rates: float) -> None:
    named = {name.replace("_", " "): rate for name, rate in rates.items()}
    plan = {"seed": 1, "workflow_rates": named}
    (folder / faults.PLAN).write_text(json.dumps(plan))
    workflow_faults.befall(states, folder)


def test_a_refused_call_is_not_done(states: SimpleNamespace, tmp_path: Path) -> None:
    befall(states, tmp_path, throttled=1)
    with pytest.raises(StateError, match=r"DynamoDB\.ThrottlingException"):
        states._invoke_resource(UPDATE, {"n": 1})
    assert states.done == []
    assert json.loads((tmp_path / faults.FIRED).read_text())["fault"] == THROTTLED


def test_a_call_whose_answer_is_lost_is_done(states: SimpleNamespace, tmp_path: Path) -> None:
    befall(states, tmp_path, answer_lost=1)
    with pytest.raises(StateError, match=r"SQS\.SdkClientException"):
        states._invoke_resource("arn:aws:states:::sqs:sendMessage", {"n": 1})
    assert states.done == [{"n": 1}]
    assert json.loads((tmp_path / faults.FIRED).read_text())["fault"] == UNHEARD


def test_functions_have_their_own_faults(states: SimpleNamespace, tmp_path: Path) -> None:
    befall(states, tmp_path, throttled=1)
    assert states._invoke_resource("arn:aws:states:::lambda:invoke", {}) == "done"


def test_without_a_plan_nothing_befalls_a_call(states: SimpleNamespace, tmp_path: Path) -> None:
    workflow_faults.befall(states, tmp_path)
    assert states._invoke_resource(UPDATE, {}) == "done"
    assert list(tmp_path.iterdir()) == []
