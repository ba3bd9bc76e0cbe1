"""Serves the provider on a free port of the loopback interface."""

import importlib.metadata
import sys
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from local.provider.clients import Clients
from local.provider.resources import Resources
from local.provider.runtime import Runtime
from local.provider.service import Service

LARGEST_MESSAGE = 400 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A running provider."""

    port: int
    resources: Resources

    @property
    def recorded(self) -> list[tuple[str, str]]:
        """Type and name of what this run recorded and no emulator has, sorted."""
        return sorted(self.resources.recorded)


@contextmanager
def serve(
    *, endpoint: str | None, project: Path, python: str = sys.executable
) -> Iterator[Provider]:
    """Serve until the context ends.

    `endpoint` is the emulator's address; without one the provider only plans. `project` is the
    folder that archives are relative to, and `python` the interpreter that functions run on.
    """
    resources = Resources(Clients(endpoint, Runtime(project=project, python=python)))
    version = importlib.metadata.version("pulumi_aws")
    options = [
        ("grpc.max_receive_message_length", LARGEST_MESSAGE),
        ("grpc.max_send_message_length", LARGEST_MESSAGE),
    ]
    server = grpc.server(futures.ThreadPoolExecutor(16), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Service(version, resources), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield Provider(port=port, resources=resources)
    finally:
        server.stop(grace=None).wait()
