"""The settings of a function."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.compute.asynchronous import AsynchronousInvocation
from components.compute.durable_execution import DurableExecution
from components.compute.function_size import FunctionSize
from components.compute.layer import Layer
from components.compute.runtime import ARCHITECTURE, Architecture
from components.core.checks import between, check, check_fields, matches, when
from components.core.encryption_key import EncryptionKey
from components.core.environment import environment_mistakes
from components.core.links import Link
from components.core.logs import LogSettings

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST_LAYERS = 5
ENVIRONMENT_BYTES = 4_096


@dataclass(frozen=True, kw_only=True)
class VpcPlacement:
    """Subnets, in two zones or more, and security groups of a function that needs a network.

    With `ipv6`, the subnets are dual stack and the function goes out by IPv6 too.
    """

    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    ipv6: bool = False

    def __post_init__(self) -> None:
        # https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html
        check(
            between("number of subnet_ids", len(self.subnet_ids), 2, 16),
            between("number of security_group_ids", len(self.security_group_ids), 1, 5),
        )

    def inputs(self) -> dict[str, Any]:
        """Return the inputs of a function's placement."""
        return {
            "subnet_ids": list(self.subnet_ids),
            "security_group_ids": list(self.security_group_ids),
            **({"ipv6_allowed_for_dual_stack": True} if self.ipv6 else {}),
        }


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    """Settings of a Function.

    `code` is a folder; it and its sibling `shared` are packaged, and `handler` names a function in
    it from the folder's own name on, such as `orders.handler.place`. The environment takes no
    secrets: give the ARN of one. `durable` lets executions outlive their process and wait for
    days. `recursion` allows what Lambda would end as a recursive loop. `code_signing_config_arn`
    refuses packages that are not signed.
    """

    code: str
    handler: str
    size: FunctionSize = field(default_factory=FunctionSize)
    layers: Sequence[Layer] = ()
    links: Sequence[Link] = ()
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    architecture: Architecture = ARCHITECTURE
    logs: LogSettings = field(default_factory=LogSettings)
    vpc: VpcPlacement | None = None
    asynchronous: AsynchronousInvocation | None = None
    durable: DurableExecution | None = None
    recursion: bool = False
    code_signing_config_arn: pulumi.Input[str] | None = None
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            matches(
                "handler", self.handler, r"(?=.{1,128}$)\w+(\.\w+)+", "package.module.function"
            ),
            when(
                len(self.layers) > MOST_LAYERS,
                f"layers has {len(self.layers)} entries: allowed is {MOST_LAYERS}",
            ),
            when(
                self.durable is not None and self.asynchronous is not None,
                "asynchronous is given for a durable function: allowed is none, Lambda does not "
                "retry its executions and sends those that fail to its dead-letter queue",
            ),
            *self._environment_mistakes(),
        )

    def _environment_mistakes(self) -> Iterator[str | None]:
        plain = {k: v for k, v in self.environment.items() if isinstance(v, str)}
        used = sum(len(k.encode()) + len(v.encode()) for k, v in plain.items())
        yield when(
            used > ENVIRONMENT_BYTES,
            f"environment has {used:,} bytes: allowed is {ENVIRONMENT_BYTES:,}",
        )
        yield from environment_mistakes(self.environment)
