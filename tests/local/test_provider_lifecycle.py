"""Each type with a handler, from its creation to its end, on a real emulator."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from local.aws import client
from local.emulator.process import Emulator
from local.provider.handler import HANDLERS
from local.provider.schema import schema
from tests.local.engine_side import Engine, connected
from tests.local.lives import CASES, TAGGED
from tests.local.world import OTHER_ZIP, POLICY, ZIP, World

pytestmark = pytest.mark.local


def zipped(path: Path, body: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("app.py", body)


@pytest.fixture(scope="module")
def engine(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    project = tmp_path_factory.mktemp("project")
    zipped(project / "code.zip", "def handle(event, context):\n    return {'one': event}\n")
    zipped(project / "other.zip", "def handle(event, context):\n    raise KeyError('two')\n")
    with connected(emulator.endpoint, project) as made:
        yield made


@pytest.fixture(scope="module")
def world(engine: Engine) -> World:
    return World(engine)


def test_every_handler_has_a_case() -> None:
    assert set(CASES) == set(HANDLERS)


@pytest.mark.parametrize("token", CASES)
def test_a_life(engine: Engine, world: World, token: str) -> None:
    given, change, replacing = CASES[token](world)
    inputs, failures = engine.check(token, given)
    assert not failures
    id_, state = engine.create(token, inputs)
    assert id_
    assert inputs.items() <= state.items()
    if "arn" in schema(token).outputs:
        assert state["arn"].startswith("arn:aws:")

    kinds = provider_pb2.DiffResponse
    assert engine.diff(token, inputs, state, inputs).changes == kinds.DIFF_NONE
    assert engine.read(token, id_, state, inputs)[2] == inputs, "drift where there is none"
    assert engine.diff(token, inputs, state, {**inputs, **replacing}).replaces

    if change is not None:
        news = {**inputs, **change}
        diff = engine.diff(token, inputs, state, news)
        assert diff.changes == kinds.DIFF_SOME
        assert not diff.replaces
        before = engine.read(token, id_, state, news)[2]
        assert before != news, "what is there is not told"
        state = engine.update(token, id_, inputs, state, news)
        assert engine.read(token, id_, state, news)[2] == news, "the change is not there"
        inputs = news

    engine.delete(token, id_, state)
    assert engine.read(token, id_, state, inputs)[0] == ""
    engine.delete(token, id_, state)


def test_drift_shows(engine: Engine, emulator: Emulator) -> None:
    token = "aws:sqs/queue:Queue"
    inputs, _ = engine.check(token, {"name": "drifting", "visibilityTimeoutSeconds": 30})
    id_, state = engine.create(token, inputs)
    attributes = {"VisibilityTimeout": "99"}
    client(emulator.endpoint, "sqs").set_queue_attributes(QueueUrl=id_, Attributes=attributes)
    assert engine.read(token, id_, state, inputs)[2]["visibilityTimeoutSeconds"] == "99"


def test_what_is_there_can_be_imported(engine: Engine, world: World) -> None:
    id_, state, inputs = engine.read("aws:sqs/queue:Queue", world.queue["url"], {}, {})
    assert id_ == world.queue["url"]
    assert inputs["name"] == state["name"] == "world"


def test_default_tags_reach_the_resource_but_not_its_inputs(
    engine: Engine, emulator: Emulator
) -> None:
    token = "aws:sqs/queue:Queue"
    engine.configure(region="us-east-1", defaultTags=json.dumps({"tags": {"stage": "local"}}))
    try:
        inputs, _ = engine.check(token, {"name": "tagged", **TAGGED})
        id_, state = engine.create(token, inputs)
        assert state["tags"] == {"team": "a"}
        assert state["tagsAll"] == {"stage": "local", "team": "a"}
        sqs = client(emulator.endpoint, "sqs")
        assert sqs.list_queue_tags(QueueUrl=id_)["Tags"] == {"stage": "local", "team": "a"}
        assert engine.read(token, id_, state, inputs)[2] == inputs
        engine.configure(region="us-east-1", defaultTags=json.dumps({"tags": {"stage": "x"}}))
        diff = engine.diff(token, inputs, state, inputs)
        assert list(diff.diffs) == ["tagsAll"]
        engine.update(token, id_, inputs, state, inputs)
        assert sqs.list_queue_tags(QueueUrl=id_)["Tags"] == {"stage": "x", "team": "a"}
    finally:
        engine.configure(region="us-east-1", defaultTags=json.dumps({"tags": {}}))


def test_what_no_emulator_has_is_recorded(engine: Engine) -> None:
    token = "aws:lambda/capacityProvider:CapacityProvider"
    inputs = {"name": "big", "permissionsConfig": {"a": "b"}, "vpcConfig": {"c": "d"}}
    id_, state = engine.create(token, inputs)
    assert id_ == "big"
    assert state["arn"] == "arn:aws:lambda:us-east-1:000000000000:capacityProvider/big"
    assert (token, "thing") in engine.provider.recorded
    assert engine.read(token, id_, state, inputs) == (id_, state, inputs)
    state = engine.update(token, id_, inputs, state, {**inputs, "kmsKeyArn": "k"})
    assert state["kmsKeyArn"] == "k"
    engine.delete(token, id_, state)


def test_a_refusal_of_the_service_is_readable(engine: Engine) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        engine.create(
            "aws:iam/rolePolicy:RolePolicy", {"role": "no", "name": "p", "policy": POLICY}
        )
    assert str(caught.value.details()).startswith("PutRolePolicy: NoSuchEntity")


def test_a_creation_that_fails_half_way_leaves_nothing(
    engine: Engine, emulator: Emulator, world: World
) -> None:
    given = {"name": "half", "role": world.role["arn"], "handler": "app.handle", "code": ZIP}
    with pytest.raises(grpc.RpcError, match="Parameter validation failed"):
        engine.create(
            "aws:lambda/function:Function", {**given, "reservedConcurrentExecutions": 1.5}
        )
    functions = client(emulator.endpoint, "lambda")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_function(FunctionName="half")


def test_a_function_runs_on_the_projects_interpreter(
    engine: Engine, emulator: Emulator, world: World
) -> None:
    function = client(emulator.endpoint, "lambda")
    answer = function.invoke(FunctionName=world.function["name"], Payload=b'{"a": 1}')
    assert json.loads(answer["Payload"].read()) == {"one": {"a": 1}}


def test_a_functions_error_has_its_own_name(
    engine: Engine, emulator: Emulator, world: World
) -> None:
    inputs = {"name": "failing", "role": world.role["arn"], "handler": "app.handle"}
    engine.create("aws:lambda/function:Function", {**inputs, "code": OTHER_ZIP})
    answer = client(emulator.endpoint, "lambda").invoke(FunctionName="failing", Payload=b"{}")
    error = json.loads(answer["Payload"].read())
    assert (error["errorType"], error["errorMessage"]) == ("KeyError", "'two'")
    assert "app.py" in error["stackTrace"][0]
