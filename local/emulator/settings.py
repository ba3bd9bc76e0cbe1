"""The emulator's settings: its whole environment, which the functions inherit."""

import os
from collections.abc import Mapping
from pathlib import Path

ACCOUNT = "000000000000"
REGION = "us-east-1"
# The emulator's root user.
ACCESS_KEY = SECRET_KEY = "test"  # noqa: S105


def settings(
    folder: Path, scratch: Path, port: int, more: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """Return the environment of an emulator on this port, and what a stage wants otherwise.

    Nothing of the user's own is in it but PATH: a function must not depend on it, nor reach AWS.
    """
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "TMPDIR": str(scratch),
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "s3"),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "GATEWAY_PORT": str(port),
        # Loopback only; so is MQTT, which would listen on all interfaces, when it is off.
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent/docker.sock",
        # Where the functions' SDK goes; custom runtimes get it only if it is set here.
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        # IAM is enforced: a missing grant fails here, and not in production.
        "AUTH": "true",
        "LAMBDA_EXECUTOR": "local",
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.05",
        "SFN_WAIT_SCALE": "0",
        "LOG_LEVEL": "WARNING",
        **(more or {}),
    }
