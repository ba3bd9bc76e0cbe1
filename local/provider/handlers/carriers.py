"""Functions of ours that carry, in the emulator, what it does not carry itself."""

import contextlib
import hashlib
from dataclasses import dataclass, field
from typing import Any

from local.provider.clients import Clients


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """A function: modules of `local/runtime`, the first with the handler, and its settings.

    It has the role of what it carries for, so that IAM decides as on AWS.
    """

    name: str
    modules: tuple[str, ...]
    role_arn: str | None
    variables: dict[str, str] = field(default_factory=dict)

    def put(self, aws: Clients) -> None:
        """Make the function, or change it."""
        client, configuration = aws("lambda"), self._configuration()
        try:
            client.create_function(
                FunctionName=self.name,
                Runtime="provided.al2023",
                Code={"ZipFile": aws.runtime.program(*self.modules)},
                Handler=f"local.runtime.{self.modules[0]}.handle",
                Timeout=60,
                **configuration,
            )
        except client.exceptions.ResourceConflictException:
            client.update_function_configuration(FunctionName=self.name, **configuration)
        waiter = client.get_waiter("function_active_v2")
        waiter.wait(FunctionName=self.name, WaiterConfig={"Delay": 1})

    def _configuration(self) -> dict[str, Any]:
        return {"Role": self.role_arn, "Environment": {"Variables": self.variables}}


def named(kind: str, *parts: str) -> str:
    """Return the name of the function for a resource that these parts name."""
    return f"{kind}-{hashlib.sha256('/'.join(parts).encode()).hexdigest()[:16]}"


def arn(aws: Clients, name: str) -> str:
    """Return the ARN of a function."""
    return aws.arn("lambda", f"function:{name}")


def told(aws: Clients, name: str) -> tuple[str, dict[str, str]]:
    """Return the role and the variables that a function has."""
    live = aws("lambda").get_function_configuration(FunctionName=name)
    return live["Role"], live.get("Environment", {}).get("Variables", {})


def remove(aws: Clients, name: str) -> None:
    """Remove a function, if it is there."""
    client = aws("lambda")
    with contextlib.suppress(client.exceptions.ResourceNotFoundException):
        client.delete_function(FunctionName=name)
