from collections.abc import Callable, Sequence
from typing import Any

import pytest

from components.core.checks import ArgumentsError
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.core.links import Grant, Link
from components.data.table import Table, TableArgs
from components.events.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.network.endpoint_services import ENDPOINTS, GATEWAYS, NAMED, Use, uses
from components.network.endpoints import Endpoints, EndpointsArgs
from components.network.network import Network, NetworkArgs
from tests.contracts.examples.network import account
from tests.recording import Deployment, deploy

Links = Callable[[], Sequence[Link]]
QUEUE = "arn:aws:sqs:eu-central-1:123456789012:lost-queue"


def link(*actions: str) -> Link:
    return Link(grants=(Grant(actions=actions, resources=("arn:aws:x",)),))


def inside(
    links: Links = tuple, settings: dict[str, Any] | None = None, **args: Any
) -> Deployment:
    def program() -> None:
        network = Network("shop", NetworkArgs(account=account(), **(settings or {})))
        made = Endpoints("shop", EndpointsArgs(network=network, links=links(), **args))
        network.security_group("work", "What runs inside", egress=made.egress())

    return deploy(program)


def used() -> list[Link]:
    return [
        Table("items", TableArgs(partition_key="id")).reader(),
        DeadLetterQueue("lost").sender(),
    ]


def endpoints(deployment: Deployment) -> dict[str, dict[str, Any]]:
    return {each.name: each.inputs for each in deployment.all("vpcEndpoint:VpcEndpoint")}


def test_links_say_which_endpoints_there_are() -> None:
    found = endpoints(inside(used))
    assert sorted(found) == ["shop-dynamodb", "shop-sqs"]
    gateway, interface = found["shop-dynamodb"], found["shop-sqs"]
    assert gateway["serviceName"] == "com.amazonaws.eu-central-1.dynamodb"
    assert gateway["vpcEndpointType"] == "Gateway"
    assert gateway["routeTableIds"] == ["shop-private-1-routes-id", "shop-private-2-routes-id"]
    assert interface["serviceName"] == "com.amazonaws.eu-central-1.sqs"
    assert interface["vpcEndpointType"] == "Interface"
    assert interface["privateDnsEnabled"] is True
    assert interface["subnetIds"] == ["shop-private-1-id", "shop-private-2-id"]
    assert interface["securityGroupIds"] == ["shop-endpoints-group-id"]


def test_an_endpoint_lets_through_what_links_grant_for_this_account_only() -> None:
    (statement,) = inside(used).document("VpcEndpoint", "shop-sqs")["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["sqs:SendMessage"],
        "Resource": [QUEUE],
        "Condition": {"StringEquals": {"aws:PrincipalAccount": "123456789012"}},
    }


def test_the_network_is_let_in_at_one_port_and_nothing_goes_out() -> None:
    deployment = inside(used)
    (rule,) = deployment.all("SecurityGroupIngressRule")
    assert rule.inputs["cidrIpv4"] == "10.0.0.0/16"
    assert (rule.inputs["fromPort"], rule.inputs["toPort"]) == (443, 443)
    names = {each.name for each in deployment.all("SecurityGroupEgressRule")}
    assert names == {"shop-work-to-endpoints", "shop-work-to-dynamodb"}


def test_what_runs_inside_may_speak_to_the_endpoints() -> None:
    deployment = inside(used)
    interfaces = deployment.inputs("SecurityGroupEgressRule", "to-endpoints")
    assert interfaces["referencedSecurityGroupId"] == "shop-endpoints-group-id"
    gateway = deployment.inputs("SecurityGroupEgressRule", "to-dynamodb")
    assert gateway["prefixListId"] == "pl-shop-dynamodb"


def test_gateways_need_no_group() -> None:
    def links() -> list[Link]:
        return [Table("items", TableArgs(partition_key="id")).reader()]

    deployment = inside(links)
    assert list(endpoints(deployment)) == ["shop-dynamodb"]
    groups = [each.name for each in deployment.all("securityGroup:SecurityGroup")]
    assert groups == ["shop-work-group"]


def test_runtimes_name_what_they_need_and_images_come_from_a_bucket_of_aws() -> None:
    deployment = inside(services=("ecr.api", "ecr.dkr", "logs"))
    assert sorted(endpoints(deployment)) == [
        *("shop-ecr-api", "shop-ecr-dkr", "shop-logs", "shop-s3"),
    ]
    (layers,) = deployment.document("VpcEndpoint", "shop-s3")["Statement"]
    assert layers == {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*"],
    }
    (logs,) = deployment.document("VpcEndpoint", "shop-logs")["Statement"]
    assert logs["Action"] == list(NAMED["logs"])
    assert logs["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}


def test_without_images_no_bucket_of_aws_is_reached() -> None:
    (objects,) = inside(services=("s3",)).document("VpcEndpoint", "shop-s3")["Statement"]
    assert objects["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}


def test_a_pod_becomes_a_role_of_this_account_before_anybody_has_signed() -> None:
    signed, unsigned = inside(services=("sts",)).document("VpcEndpoint")["Statement"]
    assert signed["Action"] == ["sts:AssumeRole", "sts:GetCallerIdentity"]
    assert unsigned["Action"] == ["sts:AssumeRoleWithWebIdentity"]
    assert unsigned["Resource"] == ["arn:aws:iam::123456789012:role/*"]
    assert "Condition" not in unsigned


def test_the_key_of_an_encrypted_resource_is_used_by_its_service() -> None:
    def links() -> list[Link]:
        key = EncryptionKey("data", EncryptionKeyArgs(account=account()))
        return [DeadLetterQueue("lost", DeadLetterQueueArgs(key=key)).sender()]

    assert list(endpoints(inside(links))) == ["shop-sqs"]
    assert list(uses([link("kms:Decrypt")], (), ())) == ["kms"]


def test_endpoints_in_fewer_zones_cost_less() -> None:
    deployment = inside(used, zones=1)
    assert endpoints(deployment)["shop-sqs"]["subnetIds"] == ["shop-private-1-id"]
    deployment = inside(used, {"private": False, "isolated": True, "zones": 3}, zones=3)
    subnets = endpoints(deployment)["shop-sqs"]["subnetIds"]
    assert subnets == ["shop-isolated-1-id", "shop-isolated-2-id", "shop-isolated-3-id"]


def test_the_actions_of_one_grant_are_one_use() -> None:
    links = [link("sqs:SendMessage", "sqs:GetQueueUrl", "sns:Publish"), link("sqs:SendMessage")]
    one = Use(actions=("sqs:SendMessage", "sqs:GetQueueUrl"), resources=("arn:aws:x",))
    assert uses(links, (), ()) == {
        "sns": [Use(actions=("sns:Publish",), resources=("arn:aws:x",))],
        "sqs": [one, Use(actions=("sqs:SendMessage",), resources=("arn:aws:x",))],
    }


def test_a_workflow_that_is_waited_for_has_an_endpoint_of_its_own() -> None:
    links = [link("states:StartExecution", "states:StartSyncExecution")]
    assert list(uses(links, (), ())) == ["states", "sync-states"]


def test_every_service_named_is_one_that_an_endpoint_is_known_for() -> None:
    known = {endpoint for each in ENDPOINTS.values() for endpoint in each}
    assert NAMED.keys() <= known
    assert known >= GATEWAYS
    for name, actions in NAMED.items():
        assert all(name in ENDPOINTS[action.partition(":")[0]] for action in actions)


def test_a_service_without_an_endpoint_is_refused_or_goes_out() -> None:
    links = [link("mobiletargeting:SendMessages"), link("sqs:SendMessage")]
    with pytest.raises(ArgumentsError, match="links use mobiletargeting, for which no"):
        inside(lambda: links)
    out = {"public": True, "nat": "one"}
    deployment = inside(lambda: links, out, elsewhere=("mobiletargeting",))
    assert list(endpoints(deployment)) == ["shop-sqs"]
    deployment = inside(lambda: links, {"ipv6_egress": True}, elsewhere=("mobiletargeting",))
    assert list(endpoints(deployment)) == ["shop-sqs"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"services": ("sqs",)}, "service is 'sqs': allowed is 'ecr.api', 'ecr.dkr'"),
        ({"elsewhere": ("a", "b")}, "elsewhere is a, b: allowed is nothing in a network without"),
        ({"zones": 3}, "zones is 3: allowed is up to the 2 of the network"),
    ],
)
def test_what_the_network_cannot_carry_is_refused(args: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError, match=message):
        inside(**args)
