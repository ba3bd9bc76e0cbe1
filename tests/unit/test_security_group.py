from typing import Any

import pytest

from components.core.checks import ArgumentsError
from components.network.security_group import (
    HTTPS_TO_INTERNET,
    HTTPS_TO_INTERNET_IPV6,
    MOST_RULES,
    SecurityGroup,
    SecurityGroupArgs,
    TrafficRule,
)
from tests.recording import Deployment, deploy


def rule(**settings: Any) -> TrafficRule:
    peers = {"cidr_ipv4", "cidr_ipv6", "prefix_list_id", "group_id"}
    peer = {} if settings.keys() & peers else {"group_id": "sg-1"}
    return TrafficRule(**{"name": "peer", "description": "A peer", **peer, **settings})


def args(**settings: Any) -> SecurityGroupArgs:
    return SecurityGroupArgs(**{"vpc_id": "vpc-1", "description": "Work", **settings})


def deployed(**settings: Any) -> Deployment:
    return deploy(lambda: SecurityGroup("work", args(**settings)))


def test_a_group_without_rules_lets_nothing_through() -> None:
    deployment = deployed()
    assert deployment.inputs("securityGroup:SecurityGroup", "work-group") == {
        "vpcId": "vpc-1",
        "description": "Work",
        "tags": {"Name": "work"},
    }
    assert not deployment.all("Rule")


def test_rules_are_resources_of_their_own_named_and_described() -> None:
    deployment = deployed(
        ingress=[rule(name="balancer", port=8080)],
        egress=[HTTPS_TO_INTERNET, rule(name="s3", prefix_list_id="pl-1")],
    )
    assert deployment.inputs("SecurityGroupIngressRule", "work-from-balancer") == {
        "securityGroupId": "work-group-id",
        "description": "A peer",
        "ipProtocol": "tcp",
        "fromPort": 8080,
        "toPort": 8080,
        "referencedSecurityGroupId": "sg-1",
    }
    out = deployment.inputs("SecurityGroupEgressRule", "work-to-internet")
    assert (out["cidrIpv4"], out["fromPort"], out["toPort"]) == ("0.0.0.0/0", 443, 443)
    assert deployment.inputs("SecurityGroupEgressRule", "work-to-s3")["prefixListId"] == "pl-1"


def test_a_rule_may_have_many_ports_of_one_peer() -> None:
    group = deployed(egress=[rule(port=4000, to_port=4010, protocol="udp")])
    out = group.inputs("SecurityGroupEgressRule")
    assert (out["ipProtocol"], out["fromPort"], out["toPort"]) == ("udp", 4000, 4010)


def test_everybody_may_be_let_in_to_web_servers() -> None:
    for port in (80, 443):
        for everybody in ({"cidr_ipv4": "0.0.0.0/0"}, {"cidr_ipv6": "::/0"}):
            assert args(ingress=[rule(port=port, **everybody)])
            assert args(egress=[rule(port=port, to_port=port, **everybody)])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"ingress": [rule(port=22, cidr_ipv4="0.0.0.0/0")]},
            "rule peer for tcp 22 lets everybody in: allowed are ports 80 and 443",
        ),
        (
            {"ingress": [rule(port=80, to_port=443, cidr_ipv6="::/0")]},
            "rule peer for tcp 80 to 443 lets everybody in",
        ),
        (
            {"egress": [rule(port=0, to_port=65_535, cidr_ipv4="0.0.0.0/0")]},
            "rule peer for tcp 0 to 65535 leads everywhere: allowed is one port",
        ),
        (
            {"egress": [rule(), rule()]},
            "egress has several rules named 'peer': allowed is one",
        ),
        (
            {"ingress": [rule(name=f"p{n}") for n in range(MOST_RULES + 1)]},
            "number of ingress rules is 61: allowed is 0 to 60",
        ),
        (
            {"egress": [rule(name=f"p{n}") for n in range(MOST_RULES + 1)]},
            "number of egress rules is 61: allowed is 0 to 60",
        ),
        ({"description": ""}, "description is '': allowed is 1 to 255"),
        ({"description": "a" * 256}, "description is 'aaa"),
        ({"description": "café"}, "description is 'café': allowed is 1 to 255 letters"),
    ],
)
def test_a_group_is_no_open_door(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        args(**settings)
    assert message in str(caught.value)


def test_a_group_has_sixty_rules_each_way_and_a_long_description() -> None:
    many = [rule(name=f"p{n}") for n in range(MOST_RULES)]
    assert args(ingress=many, egress=many, description="a" * 255)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "A"}, "name is 'A': allowed is 1 to 20 letters"),
        ({"name": "a" * 21}, "allowed is 1 to 20 letters"),
        ({"description": "a" * 256}, "description is 'aaa"),
        ({"group_id": None}, "rule peer for tcp 443 has 0 peers: allowed is one of"),
        ({"cidr_ipv4": "10.0.0.0/16", "prefix_list_id": "pl-1"}, "has 2 peers: allowed is one of"),
        ({"port": 90, "to_port": 80}, "to_port is 80: allowed is the port of 90 or more"),
        ({"cidr_ipv4": "10.0.0.1/16"}, "cidr_ipv4 is '10.0.0.1/16': allowed is a block such as"),
        ({"cidr_ipv4": "::/0"}, "cidr_ipv4 is '::/0': allowed is a block such as 10.0.0.0/16"),
        ({"cidr_ipv6": "10.0.0.0/16"}, "allowed is a block such as 2001:db8::/56"),
    ],
)
def test_a_rule_names_one_peer(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        rule(**settings)
    assert message in str(caught.value)


def test_a_rule_has_a_short_name_and_may_name_one_port_as_two() -> None:
    assert rule(name="a" * 20, port=80, to_port=80, description="a" * 255)
    assert HTTPS_TO_INTERNET_IPV6.of_everybody
