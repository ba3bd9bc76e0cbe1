"""What every part of the system is made with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import pulumi
import pulumi_aws as aws

from components.compute.durable_execution import DurableExecution
from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize
from components.compute.layer import Layer, LayerArgs
from components.compute.managed_instances import ManagedInstances
from components.compute.release_settings import ReleaseSettings, TrafficShift
from components.core.account import Account
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.core.links import Link
from components.core.tags import default_tags
from settings import Settings, Stage


@dataclass(frozen=True, kw_only=True)
class Context:
    """A stage's settings, provider and key, and what its functions have in common."""

    settings: Settings
    opts: pulumi.ResourceOptions
    account: Account
    key: EncryptionKey | None
    dependencies: Layer

    @classmethod
    def of(cls, stage: Stage) -> Self:
        """Make what the parts share."""
        settings = stage.settings
        tags = default_tags(
            project=pulumi.get_project(),
            stage=stage.name,
            owner=settings.owner,
            cost_center=settings.cost_center,
            more=settings.tags,
        )
        provider = aws.Provider(
            "aws",
            region=stage.region,
            default_tags=aws.ProviderDefaultTagsArgs(tags=tags),
        )
        opts = pulumi.ResourceOptions(provider=provider)
        account = Account.current(provider)
        return cls(
            settings=settings,
            opts=opts,
            account=account,
            key=_key(settings, account, opts) if settings.customer_managed_key else None,
            dependencies=Layer(
                "dependencies", LayerArgs(requirements="requirements/functions.txt"), opts
            ),
        )

    def function(
        self,
        name: str,
        handler: str,
        size: FunctionSize,
        *links: Link,
        environment: Mapping[str, pulumi.Input[str]] | None = None,
        durable: DurableExecution | None = None,
        managed_instances: ManagedInstances | None = None,
        release: TrafficShift | None = None,
    ) -> Function:
        """Make a function of the folder that its handler begins with."""
        return Function(
            name,
            FunctionArgs(
                code=f"lambdas/{handler.partition('.')[0]}",
                handler=handler,
                size=size,
                layers=[self.dependencies],
                links=links,
                environment=environment or {},
                durable=durable,
                managed_instances=managed_instances,
                release=ReleaseSettings(shift=release) if release else None,
                logs=self.settings.logs,
                key=self.key,
            ),
            self.opts,
        )


def _key(settings: Settings, account: Account, opts: pulumi.ResourceOptions) -> EncryptionKey:
    services = ("delivery.logs", "events", "logs", "sns")
    return EncryptionKey(
        "orders",
        EncryptionKeyArgs(account=account, services=services, protect=settings.protect),
        opts,
    )
