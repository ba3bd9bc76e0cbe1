"""Clients of a running stage's emulator, for the commands that look at it from outside."""

from typing import Any

import boto3
from botocore.config import Config

from local.emulator.settings import ACCESS_KEY, REGION, SECRET_KEY


def client(endpoint: str, service: str) -> Any:
    """Return a client with the emulator's root credentials."""
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=Config(
            inject_host_prefix=False, retries={"mode": "standard"}, proxies={}, connect_timeout=5
        ),
    )
