"""One execution environment of Managed Instances: a process of the same code for each request.

They share `/tmp` and nothing else. What they call is moto, in the process of the test.
"""

import importlib
import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests.lambdas.builders import CONTEXT, REGION, VARIABLES

SERVICES = {"DynamoDB_20120810": "dynamodb", "AmazonSQS": "sqs"}


class _Services(BaseHTTPRequestHandler):
    """Hands calls of the JSON protocol to moto, which knows only clients of its own process."""

    clients: Mapping[str, Any]

    def do_POST(self) -> None:
        prefix, _, operation = self.headers["X-Amz-Target"].partition(".")
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            answer = self.clients[SERVICES[prefix]]._make_api_call(operation, asked)
            self._send(200, {k: v for k, v in answer.items() if k != "ResponseMetadata"})
        except ClientError as error:
            more = {k: v for k, v in error.response.items() if k == "CancellationReasons"}
            said = error.response["Error"]
            self._send(400, {"__type": f"x#{said['Code']}", "message": said["Message"], **more})

    def _send(self, status: int, body: Mapping[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def services() -> Iterator[str]:
    """Serve moto to other processes, at the URL that is given."""
    make: Any = boto3.client
    clients = {name: make(name, region_name=REGION) for name in SERVICES.values()}
    handler = type("Handler", (_Services,), {"clients": clients})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def requests(
    batches: Sequence[Mapping[str, Any]], *, concurrency: int, variables: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Handle batches in so many processes of one environment; each takes one at a time."""
    with ProcessPoolExecutor(
        concurrency,
        mp_context=get_context("spawn"),
        initializer=_begin,
        initargs=({**VARIABLES, **variables},),
    ) as processes:
        return [*processes.map(_handle, batches)]


def _begin(variables: Mapping[str, str]) -> None:
    os.environ.update(variables)
    importlib.import_module("analytics.handler")


def _handle(batch: Mapping[str, Any]) -> dict[str, Any]:
    handler = importlib.import_module("analytics.handler")
    answer: dict[str, Any] = handler.aggregate(batch, CONTEXT)
    return {**answer, "process": os.getpid()}
