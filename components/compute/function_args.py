"""The settings of a function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.compute.asynchronous import AsynchronousInvocation
from components.compute.durable_execution import DurableExecution
from components.compute.function_rules import mistakes
from components.compute.function_size import FunctionSize
from components.compute.layer import Layer
from components.compute.managed_instances import ManagedInstances
from components.compute.placement import FileSystemMount, VpcPlacement
from components.compute.release_settings import ReleaseSettings
from components.compute.runtime import ARCHITECTURE, Architecture
from components.core.checks import check, check_fields
from components.core.encryption_key import EncryptionKey
from components.core.links import Link
from components.core.logs import LogSettings

__all__ = ["FunctionArgs", "VpcPlacement"]


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    """Settings of a Function.

    `code` is a folder; it and its sibling `shared` are packaged, and `handler` names a function in
    it from the folder's own name on, such as `orders.handler.place`. An `image` by its digest, in
    a private repository of ECR, stands in place of both. The environment takes no secrets: give
    the ARN of one. `durable` lets executions outlive their process and wait for days.
    `managed_instances` runs it on EC2; to change between that and default Lambda makes another
    function and another alias. `release` moves the alias to a new version step by step.
    `recursion` allows what Lambda would end as a recursive loop. `code_signing_config_arn` refuses
    packages that are not signed.
    """

    code: str = ""
    handler: str = ""
    image: pulumi.Input[str] | None = None
    size: FunctionSize = field(default_factory=FunctionSize)
    layers: Sequence[Layer] = ()
    links: Sequence[Link] = ()
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    architecture: Architecture = ARCHITECTURE
    logs: LogSettings = field(default_factory=LogSettings)
    vpc: VpcPlacement | None = None
    file_system: FileSystemMount | None = None
    managed_instances: ManagedInstances | None = None
    asynchronous: AsynchronousInvocation | None = None
    durable: DurableExecution | None = None
    release: ReleaseSettings | None = None
    recursion: bool = False
    code_signing_config_arn: pulumi.Input[str] | None = None
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(*mistakes(self))
