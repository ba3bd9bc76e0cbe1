"""The ways out of a network's subnets."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.network.address_plan import Kind
from components.network.network_args import NetworkArgs

EVERYWHERE, EVERYWHERE_IPV6 = "0.0.0.0/0", "::/0"


class Routes:
    """Makes the route tables of a network, its gateways, and the routes through them."""

    def __init__(
        self, name: str, vpc_id: pulumi.Input[str], args: NetworkArgs, parent: pulumi.Resource
    ) -> None:
        self.name = name
        self.vpc_id = vpc_id
        self.args = args
        self.child = pulumi.ResourceOptions(parent=parent)
        self.parent = parent
        self.tables: list[aws.ec2.RouteTable] = []
        self.private: list[aws.ec2.RouteTable] = []
        self.internet = self._internet() if args.public else None

    def lead(self, kind: Kind, subnets: Sequence[aws.ec2.Subnet]) -> None:
        """Give subnets their tables: each private one its own, because its gateway may be."""
        if kind == "private":
            self.private = [self._table(f"private-{n}") for n in range(1, len(subnets) + 1)]
            tables = self.private
        else:
            tables = [self._table(kind)] * len(subnets)
        for number, (subnet, table) in enumerate(zip(subnets, tables, strict=True), 1):
            aws.ec2.RouteTableAssociation(
                f"{self.name}-{kind}-{number}-association",
                subnet_id=subnet.id,
                route_table_id=table.id,
                opts=self.child,
            )
        if kind == "public" and self.internet:
            aws.ec2.Route(
                f"{self.name}-public-route",
                route_table_id=tables[0].id,
                destination_cidr_block=EVERYWHERE,
                gateway_id=self.internet.id,
                opts=self.child,
            )

    def let_out(self, public: Sequence[aws.ec2.Subnet]) -> None:
        """Lead private subnets out, as asked: by gateways in public ones, by IPv6 from the VPC."""
        if self.args.nat != "none":
            needed = public if self.args.nat == "per_zone" else public[:1]
            gateways = [self._nat(number, subnet) for number, subnet in enumerate(needed, 1)]
            for zone, table in enumerate(self.private):
                aws.ec2.Route(
                    f"{self.name}-private-{zone + 1}-nat-route",
                    route_table_id=table.id,
                    destination_cidr_block=EVERYWHERE,
                    nat_gateway_id=gateways[min(zone, len(gateways) - 1)].id,
                    opts=self.child,
                )
        if self.args.ipv6_egress:
            self._let_out_by_ipv6()

    def _let_out_by_ipv6(self) -> None:
        gateway = aws.ec2.EgressOnlyInternetGateway(
            f"{self.name}-ipv6",
            vpc_id=self.vpc_id,
            tags={"Name": self.name},
            opts=self.child,
        )
        for number, table in enumerate(self.private, 1):
            aws.ec2.Route(
                f"{self.name}-private-{number}-ipv6-route",
                route_table_id=table.id,
                destination_ipv6_cidr_block=EVERYWHERE_IPV6,
                egress_only_gateway_id=gateway.id,
                opts=self.child,
            )

    def _internet(self) -> aws.ec2.InternetGateway:
        return aws.ec2.InternetGateway(
            f"{self.name}-internet",
            vpc_id=self.vpc_id,
            tags={"Name": self.name},
            opts=self.child,
        )

    def _nat(self, number: int, subnet: aws.ec2.Subnet) -> aws.ec2.NatGateway:
        # A NAT gateway needs the way to the internet: AWS refuses it, or its address, before.
        opts = pulumi.ResourceOptions(parent=self.parent, depends_on=self.internet)
        name = f"{self.name}-nat-{number}"
        address = aws.ec2.Eip(f"{name}-address", domain="vpc", tags={"Name": name}, opts=opts)
        return aws.ec2.NatGateway(
            name,
            subnet_id=subnet.id,
            allocation_id=address.allocation_id,
            tags={"Name": name},
            opts=opts,
        )

    def _table(self, kind: str) -> aws.ec2.RouteTable:
        name = f"{self.name}-{kind}"
        table = aws.ec2.RouteTable(
            f"{name}-routes", vpc_id=self.vpc_id, tags={"Name": name}, opts=self.child
        )
        self.tables.append(table)
        return table
