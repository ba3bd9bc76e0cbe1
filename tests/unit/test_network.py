from collections.abc import Callable
from typing import Any

import pytest

from components.compute.function import Function, FunctionArgs
from components.core.checks import ArgumentsError
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.core.logs import LogSettings
from components.network.network import Network, NetworkArgs
from tests.contracts.examples.base import CODE, HANDLER
from tests.contracts.examples.network import account
from tests.recording import Deployment, deploy


def deployed(**settings: Any) -> Deployment:
    return deploy(lambda: Network("shop", NetworkArgs(account=account(), **settings)))


def blocks(deployment: Deployment) -> dict[str, str]:
    return {each.name: each.inputs["cidrBlock"] for each in deployment.all("subnet:Subnet")}


def with_function(**placing: Any) -> Callable[[], None]:
    def program() -> None:
        network = Network("shop", NetworkArgs(account=account(), **placing.pop("settings", {})))
        group = network.security_group("work", "Functions")
        placed = network.placement(group, **placing)
        Function("work", FunctionArgs(code=CODE, handler=HANDLER, vpc=placed))

    return program


def test_a_network_is_private_and_has_no_way_out_unless_asked() -> None:
    deployment = deployed()
    assert sorted(blocks(deployment)) == ["shop-private-1", "shop-private-2"]
    assert not deployment.all("route:Route")
    for kind in ("NatGateway", "InternetGateway", "EgressOnlyInternetGateway", "Eip"):
        assert not deployment.all(kind)
    vpc = deployment.inputs("vpc:Vpc")
    assert vpc["enableDnsSupport"] is vpc["enableDnsHostnames"] is True
    assert vpc["assignGeneratedIpv6CidrBlock"] is False
    assert deployment.inputs("DefaultSecurityGroup") == {"vpcId": "shop-vpc-id"}


def test_its_subnets_lie_in_zones_of_the_region_and_give_no_public_address() -> None:
    deployment = deployed(zones=3, public=True)
    for kind in ("private", "public"):
        for number, zone in enumerate("abc", 1):
            subnet = deployment.inputs("subnet:Subnet", f"shop-{kind}-{number}")
            assert subnet["availabilityZone"] == f"eu-central-1{zone}"
            assert subnet["mapPublicIpOnLaunch"] is False
            assert subnet["tags"] == {"Name": f"shop-{kind}-{number}"}


def test_a_kind_or_a_zone_more_moves_no_subnet() -> None:
    before = blocks(deployed())
    after = blocks(deployed(zones=3, public=True, isolated=True))
    assert len(after) == 9
    assert before.items() <= after.items()


def test_public_subnets_lead_to_the_internet_and_isolated_ones_nowhere() -> None:
    deployment = deployed(public=True, isolated=True)
    route = deployment.inputs("route:Route")
    assert route == {
        "routeTableId": "shop-public-routes-id",
        "destinationCidrBlock": "0.0.0.0/0",
        "gatewayId": "shop-internet-id",
    }
    associations = {
        each.inputs["subnetId"]: each.inputs["routeTableId"]
        for each in deployment.all("RouteTableAssociation")
    }
    assert associations == {
        "shop-private-1-id": "shop-private-1-routes-id",
        "shop-private-2-id": "shop-private-2-routes-id",
        "shop-isolated-1-id": "shop-isolated-routes-id",
        "shop-isolated-2-id": "shop-isolated-routes-id",
        "shop-public-1-id": "shop-public-routes-id",
        "shop-public-2-id": "shop-public-routes-id",
    }


def nat_routes(deployment: Deployment) -> dict[str, str]:
    return {
        each.inputs["routeTableId"]: each.inputs["natGatewayId"]
        for each in deployment.all("route:Route")
        if "natGatewayId" in each.inputs
    }


def test_private_subnets_share_a_nat_gateway_or_have_one_each() -> None:
    one = deployed(public=True, nat="one")
    gateway = one.one("NatGateway")
    assert gateway.inputs["subnetId"] == "shop-public-1-id"
    assert gateway.inputs["allocationId"] == "eipalloc-shop-nat-1-address"
    assert "shop-internet" in gateway.depends_on
    tables = ("shop-private-1-routes-id", "shop-private-2-routes-id")
    assert nat_routes(one) == dict.fromkeys(tables, "shop-nat-1-id")
    each = deployed(public=True, nat="per_zone")
    for number in (1, 2):
        nat = each.inputs("NatGateway", f"shop-nat-{number}")
        assert nat["subnetId"] == f"shop-public-{number}-id"
    assert nat_routes(each) == dict(zip(tables, ("shop-nat-1-id", "shop-nat-2-id"), strict=True))


def test_private_subnets_go_out_by_ipv6_and_nobody_comes_in() -> None:
    deployment = deployed(isolated=True, ipv6_egress=True)
    assert deployment.inputs("vpc:Vpc")["assignGeneratedIpv6CidrBlock"] is True
    private = deployment.inputs("subnet:Subnet", "private-2")
    assert private["ipv6CidrBlock"] == "2001:db8:0:a01::/64"
    assert private["assignIpv6AddressOnCreation"] is True
    assert "ipv6CidrBlock" not in deployment.inputs("subnet:Subnet", "isolated-1")
    routes = [each.inputs for each in deployment.all("route:Route")]
    assert sorted(route["routeTableId"] for route in routes) == [
        "shop-private-1-routes-id",
        "shop-private-2-routes-id",
    ]
    for route in routes:
        assert route["destinationIpv6CidrBlock"] == "::/0"
        assert route["egressOnlyGatewayId"] == "shop-ipv6-id"


@pytest.mark.parametrize("traffic", ["REJECT", "ALL"])
def test_flows_are_logged_by_a_role_for_this_accounts_flow_logs(traffic: str) -> None:
    deployment = deployed(flow_logs=traffic, logs=LogSettings(retention_days=90))
    flows = deployment.inputs("flowLog:FlowLog")
    assert flows["trafficType"] == traffic
    assert flows["vpcId"] == "shop-vpc-id"
    group = "arn:aws:logs:eu-central-1:123456789012:log-group:shop-flows-logs"
    assert flows["logDestination"] == group
    assert deployment.inputs("LogGroup")["retentionInDays"] == 90
    trust = deployment.document("role:Role", key="assumeRolePolicy")["Statement"][0]
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trust["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:ec2:eu-central-1:123456789012:vpc-flow-log/*"},
        "StringEquals": {"aws:SourceAccount": "123456789012"},
    }
    write, look, groups = deployment.document("RolePolicy")["Statement"]
    assert write["Resource"] == [f"{group}:log-stream:*"]
    assert (look["Action"], look["Resource"]) == (["logs:DescribeLogStreams"], [f"{group}:*"])
    assert groups["Action"] == ["logs:DescribeLogGroups"]


def encrypted(*services: str) -> Callable[[], None]:
    def program() -> None:
        where = account()
        key = EncryptionKey("data", EncryptionKeyArgs(account=where, services=services))
        Network("shop", NetworkArgs(account=where, key=key))

    return program


def test_flows_are_encrypted_with_a_key_that_lets_logs_in() -> None:
    deployment = deploy(encrypted("logs"))
    assert deployment.inputs("LogGroup")["kmsKeyId"] == deployment.arn("key:Key")
    with pytest.raises(ArgumentsError, match="network shop logs its flows: services of key data"):
        deploy(encrypted())


def test_a_function_is_placed_in_private_subnets_and_goes_out_by_ipv6_where_there_is_any() -> None:
    placed = deploy(with_function()).inputs("function:Function")["vpcConfig"]
    assert placed == {
        "subnetIds": ["shop-private-1-id", "shop-private-2-id"],
        "securityGroupIds": ["shop-work-group-id"],
    }
    program = with_function(settings={"ipv6_egress": True})
    placed = deploy(program).inputs("function:Function")["vpcConfig"]
    assert placed["ipv6AllowedForDualStack"] is True
    program = with_function(kind="isolated", settings={"isolated": True, "ipv6_egress": True})
    placed = deploy(program).inputs("function:Function")["vpcConfig"]
    assert placed["subnetIds"] == ["shop-isolated-1-id", "shop-isolated-2-id"]
    assert "ipv6AllowedForDualStack" not in placed


@pytest.mark.parametrize(
    ("placing", "message"),
    [
        ({"kind": "public", "settings": {"public": True}}, "allowed is 'private' or 'isolated'"),
        ({"kind": "isolated"}, "subnets of network shop are private: allowed is with isolated"),
        ({"settings": {"zones": 1}}, "number of subnet_ids is 1: allowed is 2 to 16"),
    ],
)
def test_a_function_is_placed_nowhere_else(placing: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError, match=message):
        deploy(with_function(**placing))


def test_a_region_has_as_many_zones_as_it_has() -> None:
    assert len(blocks(deployed(zones=3))) == 3
    # Pulumi says of which subnet.
    with pytest.raises(ValueError, match="zones is 4 or more: allowed is up to 3"):
        deployed(zones=4)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cidr": "10.0.0.0/15"}, "cidr is '10.0.0.0/15': allowed is a private IPv4 block"),
        (
            {"cidr": "10.0.0.0/24", "zones": 5},
            "zones is 5: allowed is up to 4 in 10.0.0.0/24",
        ),
        ({"private": False}, "public, private and isolated are all False: allowed is one or more"),
        ({"nat": "one"}, "nat is 'one': allowed is 'none' without public subnets"),
        (
            {"nat": "per_zone", "public": True, "private": False},
            "nat is 'per_zone': allowed is 'none' without public subnets",
        ),
        (
            {"ipv6_egress": True, "private": False, "isolated": True},
            "ipv6_egress is True: allowed is False without private subnets",
        ),
    ],
)
def test_what_aws_would_refuse_or_nobody_could_use_is_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentsError, match=message):
        deployed(**settings)


def test_a_small_network_has_four_zones() -> None:
    def program() -> None:
        NetworkArgs(account=account(), cidr="10.0.0.0/24", zones=4)
        NetworkArgs(account=account(), cidr="10.0.0.0/23", zones=6)

    deploy(program)
