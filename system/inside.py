"""Where containers and managed instances run, and what they reach from there."""

from collections.abc import Sequence

import pulumi

from components.core.links import Link
from components.network.endpoints import Endpoints, EndpointsArgs
from components.network.network import Network, NetworkArgs
from components.network.security_group import HTTPS_TO_INTERNET
from system.context import Context

# What runs there uses these without a link: images, logs and traces.
RUNTIME = ("ecr.api", "ecr.dkr", "logs", "xray")


class Inside:
    """A network for what is no plain function.

    Without `private` it has public subnets and neither a NAT gateway nor endpoints, both of which
    are billed by the hour; with it, nothing has a public address, and AWS is reached by the
    endpoints that the links ask for. Pods of Kubernetes are private in any stage.
    """

    def __init__(self, context: Context, links: Sequence[Link]) -> None:
        chosen = context.settings.network
        self.public_ip = not chosen.private
        self.network = Network(
            "orders",
            NetworkArgs(
                account=context.account,
                zones=chosen.zones,
                public=not chosen.private,
                private=chosen.private or context.settings.kubernetes is not None,
                logs=context.settings.logs,
                key=context.key,
            ),
            context.opts,
        )
        endpoints = self._endpoints(context, links) if self.network.private_subnet_ids else None
        group = self.network.security_group(
            "work",
            "Containers and instances",
            egress=endpoints.egress() if endpoints and chosen.private else [HTTPS_TO_INTERNET],
        )
        self.subnet_ids: Sequence[pulumi.Input[str]] = self.network.subnet_ids(
            "private" if chosen.private else "public"
        )
        self.security_group_ids: Sequence[pulumi.Input[str]] = [group.id]

    def _endpoints(self, context: Context, links: Sequence[Link]) -> Endpoints:
        # Pods get their roles' credentials from STS.
        services = (*RUNTIME, "sts") if context.settings.kubernetes else RUNTIME
        args = EndpointsArgs(network=self.network, links=links, services=services)
        return Endpoints("orders", args, context.opts)
