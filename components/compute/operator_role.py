"""What Lambda may do to manage the instances of a capacity provider.

These are the actions of the managed policy AWSLambdaManagedEC2ResourceOperator, which AWS's page
names as the least, on the provider's own subnets, groups and Region instead of all:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-operator-role.html
"""

from collections.abc import Iterator, Sequence

import pulumi

from components.core.account import Account
from components.core.encryption_key import DECRYPT, EncryptionKey
from components.core.links import Grant
from components.core.logs import write_grant

# Only what carries this operator: instances that somebody else launched are out of reach.
MANAGED = {"StringEquals": {"ec2:ManagedResourceOperator": "scaler.lambda.amazonaws.com"}}
AMAZON = {"StringEquals": {"ec2:Owner": "amazon"}}
DESCRIBE = tuple(
    f"ec2:Describe{what}"
    for what in (
        *("AvailabilityZones", "CapacityReservations", "Instances", "InstanceStatus"),
        *("InstanceTypeOfferings", "InstanceTypes", "SecurityGroups", "Subnets"),
        "VpcEncryptionControls",
    )
)
# https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
VOLUME_KEY = (
    *DECRYPT,
    *("kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
)
# Lambda names its log group after the provider, which is made after the role.
LOG_GROUPS = "/aws/lambda/capacity-provider/*"


def grants(
    account: Account,
    subnet_ids: Sequence[pulumi.Input[str]],
    security_group_ids: Sequence[pulumi.Input[str]],
    key: EncryptionKey | None,
) -> Iterator[Grant]:
    """Return the grants of a provider's operator role."""

    def ec2(kind: str, id_: pulumi.Input[str] = "*") -> pulumi.Output[str]:
        place = (account.partition, account.region, account.id, kind, id_)
        return pulumi.Output.format("arn:{0}:ec2:{1}:{2}:{3}/{4}", *place)

    yield Grant(
        actions=("ec2:RunInstances", "ec2:CreateTags", "ec2:AttachNetworkInterface"),
        resources=(ec2("instance"), ec2("network-interface"), ec2("volume")),
        conditions=MANAGED,
    )
    yield Grant(actions=DESCRIBE, resources=("*",))
    yield Grant(
        actions=("ec2:RunInstances", "ec2:CreateNetworkInterface"),
        resources=(
            *(ec2("subnet", each) for each in subnet_ids),
            *(ec2("security-group", each) for each in security_group_ids),
        ),
    )
    # Images have no account in their ARNs.
    image = pulumi.Output.format("arn:{0}:ec2:{1}::image/*", account.partition, account.region)
    yield Grant(actions=("ec2:RunInstances",), resources=(image,), conditions=AMAZON)
    place = (account.partition, account.region, account.id, LOG_GROUPS)
    groups = pulumi.Output.format("arn:{0}:logs:{1}:{2}:log-group:{3}", *place)
    yield Grant(actions=("logs:CreateLogGroup",), resources=(groups,))
    yield write_grant(groups)
    if key:
        via = {"kms:ViaService": pulumi.Output.format("ec2.{0}.amazonaws.com", account.region)}
        yield Grant(actions=VOLUME_KEY, resources=(key.arn,), conditions={"StringEquals": via})
        yield Grant(
            actions=("kms:CreateGrant",),
            resources=(key.arn,),
            conditions={"StringEquals": via, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        )
