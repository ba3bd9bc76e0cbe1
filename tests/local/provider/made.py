"""A resource that a test made, and what the engine would go on to do with it."""

import secrets
from dataclasses import dataclass
from typing import Any

from pulumi.runtime.proto import provider_pb2

from local.provider import wire
from tests.local.engine_side import Engine, Properties


@dataclass
class Made:
    """One resource: its id, its state and the inputs that it was last given."""

    engine: Engine
    token: str
    id: str
    state: Properties
    inputs: Properties

    def update(self, *without: str, **changes: Any) -> "Made":
        """Give other inputs, and no more those of `without`."""
        news = {k: v for k, v in {**self.inputs, **changes}.items() if k not in without}
        self.state = self.engine.update(self.token, self.id, self.inputs, self.state, news)
        self.inputs = news
        return self

    def plan(self, **changes: Any) -> Properties:
        """Preview other inputs."""
        request = provider_pb2.UpdateRequest(
            **_named(self.token),
            id=self.id,
            olds=wire.dump(self.state),
            old_inputs=wire.dump(self.inputs),
            news=wire.dump({**self.inputs, **changes}),
            preview=True,
        )
        return wire.load(self.engine.service.Update(request).properties)

    def read(self) -> Properties:
        """Return the inputs as a refresh tells them."""
        return self.engine.read(self.token, self.id, self.state, self.inputs)[2]


def make(engine: Engine, token: str, **inputs: Any) -> Made:
    """Check and create, as the engine does: each with a random seed of its own."""
    answer = engine.service.Check(
        provider_pb2.CheckRequest(
            **_named(token), news=wire.dump(inputs), randomSeed=secrets.token_bytes()
        )
    )
    assert not answer.failures
    checked = wire.load(answer.inputs)
    id_, state = engine.create(token, checked)
    return Made(engine, token, id_, state, checked)


def _named(token: str) -> Any:
    return {"urn": f"urn:pulumi:local::p::{token}::thing", "name": "thing", "type": token}
