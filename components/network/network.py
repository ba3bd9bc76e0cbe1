"""A virtual private cloud."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.compute.function_args import VpcPlacement
from components.core.checks import ArgumentsError, check, when
from components.core.names import check_name
from components.network.address_plan import Kind, subnet_cidr, subnet_ipv6_cidr
from components.network.flow_logs import log_flows
from components.network.network_args import NetworkArgs
from components.network.routes import Routes
from components.network.security_group import SecurityGroup, SecurityGroupArgs, TrafficRule

__all__ = ["Network", "NetworkArgs"]


class Network(pulumi.ComponentResource):
    """A network with the subnets and ways out that were asked for, and a log of its flows."""

    vpc_id: pulumi.Output[str]
    public_subnet_ids: list[pulumi.Output[str]]
    private_subnet_ids: list[pulumi.Output[str]]
    isolated_subnet_ids: list[pulumi.Output[str]]
    route_table_ids: list[pulumi.Output[str]]

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        super().__init__("toolkit:network:Network", name, {}, opts)
        self.name = name
        self.args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=args.cidr,
            assign_generated_ipv6_cidr_block=args.ipv6_egress,
            # By names, traffic for a service finds its endpoint.
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": name},
            opts=self._child,
        )
        self.vpc_id = self.vpc.id
        # AWS makes it, and lets everything in it talk to everything: adopted, it has no rules.
        aws.ec2.DefaultSecurityGroup(f"{name}-default-group", vpc_id=self.vpc_id, opts=self._child)
        self.flow_logs = log_flows(name, self.vpc_id, args, self)
        subnets = {kind: self._subnets(kind) for kind in args.kinds}
        self.public_subnet_ids = _ids(subnets.get("public", ()))
        self.private_subnet_ids = _ids(subnets.get("private", ()))
        self.isolated_subnet_ids = _ids(subnets.get("isolated", ()))
        routes = Routes(name, self.vpc_id, args, self)
        for kind in args.kinds:
            routes.lead(kind, subnets[kind])
        if "private" in subnets:
            routes.let_out(subnets.get("public", ()))
        self.route_table_ids = [table.id for table in routes.tables]
        self.register_outputs({"vpc_id": self.vpc_id})

    def subnet_ids(self, kind: Kind) -> list[pulumi.Output[str]]:
        """Return the subnets of a kind, one for each zone.

        Raises:
            ArgumentsError: when the network has none.
        """
        kinds = self.args.kinds
        check(
            when(
                kind not in kinds,
                f"subnets of network {self.name} are {', '.join(kinds)}: allowed is with {kind}",
            )
        )
        return {
            "public": self.public_subnet_ids,
            "private": self.private_subnet_ids,
            "isolated": self.isolated_subnet_ids,
        }[kind]

    def security_group(
        self,
        name: str,
        description: str,
        *,
        ingress: Sequence[TrafficRule] = (),
        egress: Sequence[TrafficRule] = (),
    ) -> SecurityGroup:
        """Make a group of this network, named after both."""
        args = SecurityGroupArgs(
            vpc_id=self.vpc_id, description=description, ingress=ingress, egress=egress
        )
        return SecurityGroup(f"{self.name}-{name}", args, self._child)

    def placement(self, *groups: SecurityGroup, kind: Kind = "private") -> VpcPlacement:
        """Return where functions with these groups are placed.

        Raises:
            ArgumentsError: for public subnets, which are no way out for a function; when the
                network has no subnets of the kind, or in one zone only; for no group.
        """
        check(
            when(
                kind == "public",
                "kind is 'public': allowed is 'private' or 'isolated', a function has no public "
                "address",
            )
        )
        return VpcPlacement(
            subnet_ids=self.subnet_ids(kind),
            security_group_ids=[group.id for group in groups],
            ipv6=self.args.ipv6_egress and kind == "private",
        )

    def _subnets(self, kind: Kind) -> list[aws.ec2.Subnet]:
        return [self._subnet(kind, zone) for zone in range(self.args.zones)]

    def _subnet(self, kind: Kind, zone: int) -> aws.ec2.Subnet:
        args = self.args
        name = f"{self.name}-{kind}-{zone + 1}"
        dual_stack = args.ipv6_egress and kind == "private"
        return aws.ec2.Subnet(
            name,
            vpc_id=self.vpc_id,
            cidr_block=subnet_cidr(args.cidr, kind, zone),
            ipv6_cidr_block=self._ipv6_cidr(kind, zone) if dual_stack else None,
            assign_ipv6_address_on_creation=dual_stack,
            availability_zone=args.account.zones.apply(lambda names: _nth(names, zone)),
            map_public_ip_on_launch=False,
            tags={"Name": name},
            opts=self._child,
        )

    def _ipv6_cidr(self, kind: Kind, zone: int) -> pulumi.Output[str | None]:
        # A network that is recorded and not made has no block.
        return self.vpc.ipv6_cidr_block.apply(
            lambda block: subnet_ipv6_cidr(block, kind, zone) if block else None
        )


def _ids(subnets: Sequence[aws.ec2.Subnet]) -> list[pulumi.Output[str]]:
    return [subnet.id for subnet in subnets]


def _nth(names: Sequence[str], zone: int) -> str:
    if zone < len(names):
        return names[zone]
    has = ", ".join(names)
    raise ArgumentsError(
        [f"zones is {zone + 1} or more: allowed is up to {len(names)}, the Region has {has}"]
    )
