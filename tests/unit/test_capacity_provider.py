"""The instances of Lambda Managed Instances: what is asked for, and how much room there is."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components.compute.capacity_provider import (
    CapacityProvider,
    CapacityProviderArgs,
    vcpus_needed,
)
from components.compute.instance_size import InstanceSize
from components.core.account import Account
from components.core.checks import ArgumentsError
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from tests.recording import ACCOUNT, REGION, Deployment, deploy

SUBNETS = ("subnet-a", "subnet-b", "subnet-c")
TOKEN = "lambda/capacityProvider:CapacityProvider"


def account() -> Account:
    return Account.current(aws.Provider("aws"))


def provider(**settings: Any) -> CapacityProvider:
    given = {"subnet_ids": SUBNETS, "security_group_ids": ("sg-a",), **settings}
    return CapacityProvider("fleet", CapacityProviderArgs(account=account(), **given))


def deployed(**settings: Any) -> Deployment:
    return deploy(lambda: provider(**settings))


def test_lambda_scales_by_itself_and_is_sent_no_policies_not_even_none() -> None:
    inputs = deployed(max_vcpus=50).inputs(TOKEN)
    assert inputs["capacityProviderScalingConfigs"] == [
        {"maxVcpuCount": 50, "scalingMode": "Auto"}
    ]
    assert inputs["instanceRequirements"] == [{"architectures": ["arm64"]}]
    assert inputs["vpcConfig"] == {"subnetIds": list(SUBNETS), "securityGroupIds": ["sg-a"]}
    assert "kmsKeyArn" not in inputs


def test_a_target_is_held_instead() -> None:
    (scaling,) = deployed(target_cpu_percent=55.5).inputs(TOKEN)["capacityProviderScalingConfigs"]
    assert scaling["scalingMode"] == "Manual"
    assert scaling["scalingPolicies"] == [
        {
            "predefinedMetricType": "LambdaCapacityProviderAverageCPUUtilization",
            "targetValue": 55.5,
        }
    ]


@pytest.mark.parametrize("kind", ["allowed", "excluded"])
def test_types_are_chosen_by_patterns(kind: str) -> None:
    settings: dict[str, Any] = {f"{kind}_instance_types": ("m8g.*", "c8g.2xlarge")}
    (wanted,) = deployed(architecture="x86_64", **settings).inputs(TOKEN)["instanceRequirements"]
    assert wanted == {
        "architectures": ["x86_64"],
        f"{kind}InstanceTypes": ["m8g.*", "c8g.2xlarge"],
    }


def statements(deployment: Deployment) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = deployment.document("RolePolicy")["Statement"]
    return found


def test_the_operator_launches_what_is_its_own_in_these_subnets_and_no_others() -> None:
    deployment = deployed()
    launch, describe, place, image, *logs = statements(deployment)
    ec2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
    assert launch["Resource"] == [
        f"{ec2}:{kind}/*" for kind in ("instance", "network-interface", "volume")
    ]
    assert launch["Condition"] == {
        "StringEquals": {"ec2:ManagedResourceOperator": "scaler.lambda.amazonaws.com"}
    }
    assert describe["Resource"] == ["*"]
    assert all(action.startswith("ec2:Describe") for action in describe["Action"])
    assert place["Resource"] == [
        *(f"{ec2}:subnet/{each}" for each in SUBNETS),
        f"{ec2}:security-group/sg-a",
    ]
    assert image["Condition"] == {"StringEquals": {"ec2:Owner": "amazon"}}
    assert "/aws/lambda/capacity-provider/" in json.dumps(logs)
    trust = deployment.document("role:Role", key="assumeRolePolicy")
    assert trust["Statement"][0]["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_it_waits_for_its_operator_to_have_its_rights() -> None:
    assert "fleet-policy" in deployed().one(TOKEN).depends_on


def test_a_key_encrypts_its_volumes_by_way_of_ec2_only() -> None:
    def program() -> None:
        where = account()
        key = EncryptionKey("data", EncryptionKeyArgs(account=where))
        args = CapacityProviderArgs(
            account=where, subnet_ids=SUBNETS, security_group_ids=("sg-a",), key=key
        )
        CapacityProvider("fleet", args)

    deployment = deploy(program)
    assert deployment.inputs(TOKEN)["kmsKeyArn"] == deployment.arn("kms/key:Key")
    use, lend = statements(deployment)[-2:]
    assert use["Resource"] == lend["Resource"] == [deployment.arn("kms/key:Key")]
    assert lend["Action"] == ["kms:CreateGrant"]
    assert lend["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}
    for each in (use, lend):
        via = f"ec2.{REGION}.amazonaws.com"
        assert each["Condition"]["StringEquals"] == {"kms:ViaService": via}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"subnet_ids": ()}, "number of subnet_ids is 0: allowed is 1 to 16"),
        ({"subnet_ids": ("s",) * 17}, "number of subnet_ids is 17: allowed is 1 to 16"),
        ({"security_group_ids": ()}, "number of security_group_ids is 0: allowed is 1 to 5"),
        ({"security_group_ids": ("g",) * 6}, "number of security_group_ids is 6"),
        (
            {"allowed_instance_types": ("m8g.*",), "excluded_instance_types": ("c8g.*",)},
            "allowed_instance_types and excluded_instance_types are given: allowed is one",
        ),
        ({"allowed_instance_types": ("m8g large",)}, "allowed_instance_types is 'm8g large'"),
        ({"excluded_instance_types": ("m" * 31,)}, "excluded_instance_types is 'mmm"),
        (
            {"allowed_instance_types": ("m8g.*",) * 401},
            "allowed_instance_types has 401 entries: allowed is 400",
        ),
    ],
)
def test_what_lambda_refuses_is_refused_before(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        deployed(**settings)
    assert message in str(caught.value)


def test_the_limits_themselves_are_allowed() -> None:
    deployed(subnet_ids=("s",) * 16, security_group_ids=("g",) * 5)
    deployed(allowed_instance_types=("m" * 30,) * 400)


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, *_: said.append(message))
    return said


@pytest.mark.parametrize("subnets", [1, 2])
def test_less_than_three_zones_are_warned_of(subnets: int, warnings: list[str]) -> None:
    deployed(subnet_ids=SUBNETS[:subnets])
    (warning,) = warnings
    assert warning.startswith(f"number of subnet_ids of fleet is {subnets}: 3 or more")


def test_three_zones_are_not(warnings: list[str]) -> None:
    deployed()
    assert not warnings


@pytest.mark.parametrize(
    ("sizes", "vcpus"),
    [
        ([], 0),
        # Three hosts of 4, three more for the next version, and one that failed.
        ([InstanceSize(max_environments=3)], 28),
        ([InstanceSize(min_environments=1, max_environments=1)], 12),
        # At its most, 100 environments of one vCPU.
        ([InstanceSize(max_environments=100)], 100 + 12 + 4),
        # Environments of 8 get hosts of 32.
        ([InstanceSize(memory_mb=16_384, max_environments=3)], 96 + 96 + 32),
        ([InstanceSize(min_environments=0, max_environments=0)], 4),
        (
            [InstanceSize(max_environments=3), InstanceSize(memory_mb=4_096, max_environments=3)],
            24 + 48 + 8,
        ),
    ],
)
def test_there_is_room_for_old_and_new_versions_and_a_failed_launch(
    sizes: list[InstanceSize], vcpus: int
) -> None:
    assert vcpus_needed(sizes) == vcpus


def test_a_provider_that_is_too_small_for_its_functions_says_what_they_need() -> None:
    def program() -> None:
        fleet = provider(max_vcpus=52)
        size = InstanceSize(max_environments=3)
        fleet.attach("one", size)
        fleet.attach("two", size)
        # Deployed twice, it is still one function.
        fleet.attach("two", size)
        with pytest.raises(ArgumentsError) as caught:
            fleet.attach("three", size)
        assert str(caught.value) == (
            "max_vcpus of capacity provider fleet is 52: its functions need 76 with three, while "
            "new versions replace the old ones"
        )

    deploy(program)


def test_a_provider_has_at_most_100_functions() -> None:
    def program() -> None:
        fleet = provider(max_vcpus=15_000)
        for number in range(100):
            fleet.attach(f"f{number}", InstanceSize())
        with pytest.raises(ArgumentsError, match="has 101 functions with more: allowed is 100"):
            fleet.attach("more", InstanceSize())

    deploy(program)
