"""Speaks to the provider as the Pulumi engine does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from local.provider import wire
from local.provider.server import Provider, serve

Properties = dict[str, Any]


@dataclass
class Engine:
    """The engine's side of one provider."""

    service: Any
    provider: Provider

    def check(
        self, token: str, news: Properties, olds: Properties | None = None
    ) -> tuple[Properties, dict[str, str]]:
        answer = self.service.Check(
            provider_pb2.CheckRequest(
                **_named(token), news=wire.dump(news), olds=wire.dump(olds or {}), randomSeed=b"s"
            )
        )
        return wire.load(answer.inputs), {each.property: each.reason for each in answer.failures}

    def plan(self, token: str, inputs: Properties) -> Properties:
        request = provider_pb2.CreateRequest(
            **_named(token), properties=wire.dump(inputs), preview=True
        )
        return wire.load(self.service.Create(request).properties)

    def create(self, token: str, inputs: Properties) -> tuple[str, Properties]:
        request = provider_pb2.CreateRequest(**_named(token), properties=wire.dump(inputs))
        answer = self.service.Create(request)
        return answer.id, wire.load(answer.properties)

    def diff(self, token: str, olds: Properties, state: Properties, news: Properties) -> Any:
        return self.service.Diff(
            provider_pb2.DiffRequest(
                **_named(token),
                olds=wire.dump(state),
                old_inputs=wire.dump(olds),
                news=wire.dump(news),
            )
        )

    def update(
        self, token: str, id_: str, olds: Properties, state: Properties, news: Properties
    ) -> Properties:
        request = provider_pb2.UpdateRequest(
            **_named(token),
            id=id_,
            olds=wire.dump(state),
            old_inputs=wire.dump(olds),
            news=wire.dump(news),
        )
        return wire.load(self.service.Update(request).properties)

    def read(
        self, token: str, id_: str, state: Properties, inputs: Properties
    ) -> tuple[str, Properties, Properties]:
        answer = self.service.Read(
            provider_pb2.ReadRequest(
                **_named(token), id=id_, properties=wire.dump(state), inputs=wire.dump(inputs)
            )
        )
        return answer.id, wire.load(answer.properties), wire.load(answer.inputs)

    def delete(self, token: str, id_: str, state: Properties) -> None:
        self.service.Delete(
            provider_pb2.DeleteRequest(**_named(token), id=id_, properties=wire.dump(state))
        )

    def invoke(self, token: str) -> Properties:
        answer = self.service.Invoke(provider_pb2.InvokeRequest(tok=token))
        return wire.load(getattr(answer, "return"))

    def configure(self, **config: str) -> None:
        self.service.Configure(provider_pb2.ConfigureRequest(args=wire.dump(config)))


def _named(token: str) -> Any:
    return {"urn": f"urn:pulumi:local::p::{token}::thing", "name": "thing", "type": token}


@contextmanager
def connected(endpoint: str | None, project: Path) -> Iterator[Engine]:
    with (
        serve(endpoint=endpoint, project=project) as provider,
        grpc.insecure_channel(f"127.0.0.1:{provider.port}") as channel,
    ):
        engine = Engine(provider_pb2_grpc.ResourceProviderStub(channel), provider)
        engine.configure(region="us-east-1")
        yield engine
