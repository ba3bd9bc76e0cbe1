"""Networks on the local stage: recorded, and what is placed in them runs on the machine's own."""

import json
from pathlib import Path

import pytest

from local.aws import client
from local.stage import LocalStage
from tests.local.small import write_items

pytestmark = pytest.mark.local
PROGRAM = """
import pulumi
import pulumi_aws as aws
from components.compute.function import Function, FunctionArgs
from components.compute.kubernetes_cluster import KubernetesCluster, KubernetesClusterArgs
from components.compute.kubernetes_profile import (
    KubernetesProfile, KubernetesProfileArgs, PodSelector
)
from components.core.account import Account
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.events.queue import Queue
from components.network.endpoints import Endpoints, EndpointsArgs
from components.network.network import Network, NetworkArgs

provider = aws.Provider("aws", region="us-east-1")
in_stage = pulumi.ResourceOptions(provider=provider)
account = Account.current(provider)
args = NetworkArgs(account=account, zones=3, public=True, nat="one", ipv6_egress=True)
shop = Network("shop", args, in_stage)
links = [Queue("jobs", opts=in_stage).sender()]
endpoints = Endpoints(
    "shop", EndpointsArgs(network=shop, links=links, services=("ecr.api", "ecr.dkr")), in_stage
)
group = shop.security_group("work", "Functions", egress=endpoints.egress())
work = Function(
    "work",
    FunctionArgs(
        code="lambdas/items",
        handler="items.handler.work",
        links=links,
        vpc=shop.placement(group),
    ),
    in_stage,
)
key = EncryptionKey("data", EncryptionKeyArgs(account=account, services=("logs",)), in_stage)
role = "arn:aws:iam::000000000000:role/administrator"
cluster = KubernetesCluster(
    "shop", KubernetesClusterArgs(network=shop, key=key, administrators=(role,)), in_stage
)
profile = KubernetesProfile(
    "pods",
    KubernetesProfileArgs(
        cluster=cluster, network=shop, selectors=[PodSelector(namespace="shop")], dns=True
    ),
    in_stage,
)
pulumi.export("target", work.target.arn)
pulumi.export("manifest", profile.logging_manifest)
"""
HANDLER = """
def work(event, context):
    return {"told": event["told"]}
"""


@pytest.fixture
def project(project: Path) -> Path:
    write_items(project, HANDLER)
    (project / "__main__.py").write_text(PROGRAM)
    return project


def test_a_network_is_recorded_and_a_function_placed_in_it_runs(stage: LocalStage) -> None:
    recorded = {token.split(":")[1].split("/")[0] for token, _ in stage.up().recorded}
    assert {"ec2", "eks", "vpc"} <= recorded
    outputs = stage.outputs()
    (_, config) = json.loads(outputs["manifest"])["items"]
    assert "    region us-east-1" in config["data"]["output.conf"].splitlines()
    answer = client(stage.endpoint, "lambda").invoke(
        FunctionName=outputs["target"], Payload=json.dumps({"told": "x"})
    )
    assert json.loads(answer["Payload"].read()) == {"told": "x"}
    # Nothing changes when nothing did: all that was told by what is recorded stays as it was.
    assert set(stage.up().changes) == {"same"}
