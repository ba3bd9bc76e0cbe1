"""Clients of the emulator, made once for each service. There is no way from here to AWS."""

import threading
from typing import Any

import boto3
from botocore.config import Config

from local.provider.errors import PlanOnlyError
from local.provider.runtime import Runtime

ACCOUNT = "000000000000"
CONFIG = Config(
    inject_host_prefix=False,
    # Whatever proxy the user has: the emulator is on this machine.
    proxies={},
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard", "total_max_attempts": 3},
)


class Clients:
    """boto3 clients by service, with the emulator's root credentials."""

    def __init__(self, endpoint: str | None, runtime: Runtime) -> None:
        self.endpoint = endpoint
        self.runtime = runtime
        self.region = "us-east-1"
        self._session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106
        self._made: dict[tuple[str, str], Any] = {}
        # A session is not safe to share while it makes a client.
        self._lock = threading.Lock()

    def __call__(self, service: str) -> Any:
        """Return the client of a service in the Region of the stage.

        Raises:
            PlanOnlyError: without an emulator.
        """
        if self.endpoint is None:
            raise PlanOnlyError("this provider only plans: it has no emulator to deploy to")
        with self._lock:
            key = (service, self.region)
            if key not in self._made:
                self._made[key] = self._session.client(  # type: ignore[call-overload]
                    service,
                    region_name=self.region,
                    endpoint_url=self.endpoint,
                    config=CONFIG,
                )
            return self._made[key]

    def arn(self, service: str, path: str) -> str:
        """Return an ARN in the account and Region of the stage."""
        return f"arn:aws:{service}:{self.region}:{ACCOUNT}:{path}"
