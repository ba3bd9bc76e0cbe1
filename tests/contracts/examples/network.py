"""Programs of networks, security groups and endpoints."""

from collections.abc import Callable

import pulumi_aws as aws

from components.compute.function import Function, FunctionArgs
from components.core.account import Account
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.data.stream import Stream
from components.data.table import Table, TableArgs
from components.events.queue import Queue, QueueArgs
from components.network.endpoints import Endpoints, EndpointsArgs
from components.network.network import Network, NetworkArgs
from components.network.security_group import (
    HTTPS_TO_INTERNET,
    HTTPS_TO_INTERNET_IPV6,
    SecurityGroup,
    SecurityGroupArgs,
    TrafficRule,
)
from tests.contracts.examples.base import CODE, HANDLER


def account() -> Account:
    return Account.current(aws.Provider("aws"))


def network() -> Network:
    where = account()
    key = EncryptionKey("data", EncryptionKeyArgs(account=where, services=("logs",)))
    made = Network(
        "shop",
        NetworkArgs(
            account=where,
            zones=3,
            public=True,
            isolated=True,
            nat="per_zone",
            ipv6_egress=True,
            flow_logs="ALL",
            key=key,
        ),
    )
    out = [HTTPS_TO_INTERNET, HTTPS_TO_INTERNET_IPV6]
    group = made.security_group("work", "Functions of the shop", egress=out)
    Function("work", FunctionArgs(code=CODE, handler=HANDLER, vpc=made.placement(group)))
    return made


def security_group() -> SecurityGroup:
    balancer = SecurityGroup(
        "balancer",
        SecurityGroupArgs(
            vpc_id="vpc-1",
            description="Load balancer",
            ingress=[TrafficRule(name="all", description="HTTPS", cidr_ipv4="0.0.0.0/0")],
        ),
    )
    rules = [
        TrafficRule(name="balancer", description="Requests", port=8080, group_id=balancer.id),
        TrafficRule(name="v6", description="Office", cidr_ipv6="2001:db8::/56"),
    ]
    ports = TrafficRule(
        name="storage",
        description="Ports of the storage",
        port=4000,
        to_port=4010,
        protocol="udp",
        prefix_list_id="pl-1",
    )
    return SecurityGroup(
        "service",
        SecurityGroupArgs(vpc_id="vpc-1", description="Service", ingress=rules, egress=[ports]),
    )


def endpoints() -> Endpoints:
    where = account()
    made = Network("shop", NetworkArgs(account=where, zones=3, private=False, isolated=True))
    key = EncryptionKey("data", EncryptionKeyArgs(account=where))
    links = [
        Table("items", TableArgs(partition_key="id", key=key)).writer(),
        Queue("jobs", QueueArgs(key=key)).dead_letters.sender(),
        Stream("clicks").writer(),
    ]
    services = ("ecr.api", "ecr.dkr", "logs", "sts")
    inside = Endpoints(
        "shop", EndpointsArgs(network=made, links=links, services=services, zones=2)
    )
    group = made.security_group("work", "What runs inside", egress=inside.egress())
    placed = made.placement(group, kind="isolated")
    Function("work", FunctionArgs(code=CODE, handler=HANDLER, links=links, vpc=placed))
    return inside


EXAMPLES: dict[type, Callable[[], object]] = {
    Network: network,
    SecurityGroup: security_group,
    Endpoints: endpoints,
}
