"""The VPC endpoints of a network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.core import policies
from components.core.checks import check, check_fields, one_of, when
from components.core.links import Link
from components.core.names import check_name, slug
from components.network.address_plan import MOST_ZONES
from components.network.endpoint_services import GATEWAYS, NAMED, Use, uses
from components.network.network import Network
from components.network.security_group import SecurityGroup, SecurityGroupArgs, TrafficRule

WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"


@dataclass(frozen=True, kw_only=True)
class EndpointsArgs:
    """Settings of Endpoints: the links of all that runs in the network.

    `services` are what runtimes use without a link, such as `logs`, `ecr.api` and `ecr.dkr` for
    Fargate, or `secretsmanager`. `elsewhere` are services, by their prefix in IAM, that are
    reached through the network's way out. Every interface endpoint is billed for each of its
    zones by the hour, and by the gigabyte: with fewer `zones` than the network has, they cost
    less, and a zone that fails takes them along.
    """

    network: Network
    links: Sequence[Link] = ()
    services: Sequence[str] = ()
    elsewhere: Sequence[str] = ()
    zones: Annotated[int, Interval(ge=1, le=MOST_ZONES)] | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        network = self.network.args
        check(
            *(one_of("service", service, sorted(NAMED)) for service in self.services),
            when(
                bool(self.elsewhere) and not network.has_way_out,
                f"elsewhere is {', '.join(self.elsewhere)}: allowed is nothing in a network "
                "without nat or ipv6_egress",
            ),
            when(
                (self.zones or 0) > network.zones,
                f"zones is {self.zones}: allowed is up to the {network.zones} of the network",
            ),
        )


class Endpoints(pulumi.ComponentResource):
    """The endpoints that links need, which let through what those grant and nothing besides."""

    interfaces: dict[str, aws.ec2.VpcEndpoint]
    gateways: dict[str, aws.ec2.VpcEndpoint]
    group: SecurityGroup | None
    """Who is let in to the interface endpoints: the network, at port 443."""

    def __init__(
        self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        needed = uses(args.links, args.services, args.elsewhere)
        super().__init__("toolkit:network:Endpoints", name, {}, opts)
        self.name = name
        self.args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._pulls_images = "ecr.dkr" in needed
        self.gateways = {
            service: self._gateway(service, needed[service])
            for service in needed
            if service in GATEWAYS
        }
        interfaces = [service for service in needed if service not in GATEWAYS]
        self.group = self._group() if interfaces else None
        groups = [self.group.id] if self.group else []
        self.interfaces = {
            service: self._interface(service, needed[service], groups) for service in interfaces
        }
        endpoints = {**self.gateways, **self.interfaces}
        self.register_outputs({"endpoint_ids": {k: v.id for k, v in endpoints.items()}})

    def egress(self) -> list[TrafficRule]:
        """Return the rules by which a group's members reach the endpoints."""
        gateways = [
            TrafficRule(
                name=service,
                description=f"HTTPS to the gateway endpoint of {service}",
                prefix_list_id=endpoint.prefix_list_id,
            )
            for service, endpoint in self.gateways.items()
        ]
        if self.group is None:
            return gateways
        interfaces = TrafficRule(
            name="endpoints",
            description="HTTPS to the interface endpoints",
            group_id=self.group.id,
        )
        return [interfaces, *gateways]

    def _gateway(self, service: str, let_through: Sequence[Use]) -> aws.ec2.VpcEndpoint:
        return self._endpoint(
            service,
            let_through,
            vpc_endpoint_type="Gateway",
            route_table_ids=self.args.network.route_table_ids,
        )

    def _interface(
        self, service: str, let_through: Sequence[Use], group_ids: Sequence[pulumi.Output[str]]
    ) -> aws.ec2.VpcEndpoint:
        # An endpoint is reached from all subnets of a zone, and takes one of them.
        network = self.args.network
        subnets = network.subnet_ids(network.args.kinds[0])
        return self._endpoint(
            service,
            let_through,
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=subnets[: self.args.zones],
            security_group_ids=group_ids,
        )

    def _endpoint(
        self, service: str, let_through: Sequence[Use], **inputs: Any
    ) -> aws.ec2.VpcEndpoint:
        name = f"{self.name}-{slug(service)}"
        network = self.args.network
        region = network.args.account.region
        return aws.ec2.VpcEndpoint(
            name,
            vpc_id=network.vpc_id,
            service_name=pulumi.Output.format("com.amazonaws.{0}.{1}", region, service),
            policy=policies.document(self._statements(service, let_through)),
            tags={"Name": name},
            opts=self._child,
            **inputs,
        )

    def _statements(self, service: str, let_through: Sequence[Use]) -> Iterator[dict[str, Any]]:
        account = self.args.network.args.account
        of_account = {"StringEquals": {"aws:PrincipalAccount": account.id}}
        for use in let_through:
            signed = [action for action in use.actions if action != WEB_IDENTITY]
            yield _allow(signed, use.resources) | {"Condition": of_account}
            if WEB_IDENTITY in use.actions:
                # Nobody has signed it yet: it is held to the account by the role.
                where = (account.partition, account.id)
                roles = pulumi.Output.format("arn:{0}:iam::{1}:role/*", *where)
                yield _allow([WEB_IDENTITY], [roles])
        if service == "s3" and self._pulls_images:
            # Layers of images come from a bucket of ECR's, by addresses that ECR has signed:
            # https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
            names = (account.partition, account.region)
            layers = pulumi.Output.format("arn:{0}:s3:::prod-{1}-starport-layer-bucket/*", *names)
            yield _allow(["s3:GetObject"], [layers])

    def _group(self) -> SecurityGroup:
        network = self.args.network
        from_network = TrafficRule(
            name="network", description="HTTPS from the network", cidr_ipv4=network.args.cidr
        )
        return SecurityGroup(
            f"{self.name}-endpoints",
            SecurityGroupArgs(
                vpc_id=network.vpc_id,
                description=f"Interface endpoints of {self.name}",
                ingress=[from_network],
            ),
            self._child,
        )


def _allow(actions: Sequence[str], resources: Sequence[pulumi.Input[str]]) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": "*",
        "Action": list(actions),
        "Resource": list(resources),
    }
