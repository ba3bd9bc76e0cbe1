"""A customer-managed KMS key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.core import policies
from components.core.account import Account
from components.core.checks import check, check_fields, when
from components.core.names import check_name

# What an administrator needs, action by action, so that the key policy holds no wildcard.
ADMINISTRATION = tuple(
    f"kms:{action}"
    for action in (
        *("CreateAlias", "CreateGrant", "DeleteAlias", "DescribeKey", "DisableKey"),
        *("DisableKeyRotation", "EnableKey", "EnableKeyRotation", "GetKeyPolicy"),
        *("GetKeyRotationStatus", "ListAliases", "ListGrants", "ListKeyPolicies"),
        *("ListResourceTags", "PutKeyPolicy", "RevokeGrant", "ScheduleKeyDeletion"),
        *("CancelKeyDeletion", "TagResource", "UntagResource", "UpdateAlias"),
        "UpdateKeyDescription",
    )
)
DECRYPT = ("kms:Decrypt", "kms:DescribeKey")
# The last four are what AWS writes as kms:GenerateDataKey* and kms:ReEncrypt*.
ENCRYPT = (
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)


@dataclass(frozen=True, kw_only=True)
class EncryptionKeyArgs:
    """Settings of an EncryptionKey.

    `services` are the services that use the key on their own, such as `events` or `logs`; they
    are held to this account.
    """

    account: Account
    services: Sequence[str] = ()
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
    deletion_window_days: Annotated[int, Interval(ge=7, le=30)] = 30
    protect: bool = False

    def __post_init__(self) -> None:
        check_fields(self)


class EncryptionKey(pulumi.ComponentResource):
    """A key that rotates every year, and that only this account can use."""

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        super().__init__("toolkit:core:EncryptionKey", name, {}, opts)
        self.name = name
        self.args = args
        key = aws.kms.Key(
            f"{name}-key",
            description=f"Encrypts the data of {name}",
            enable_key_rotation=True,
            deletion_window_in_days=args.deletion_window_days,
            policy=policies.document(_statements(args)),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        aws.kms.Alias(
            f"{name}-alias",
            name_prefix=f"alias/{name}-",
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = key.arn
        self.register_outputs({"arn": self.arn})

    def check_service(self, service: str, what: str) -> None:
        """Refuse `what`, which a service does on its own, with a key that does not let it in.

        Raises:
            ArgumentsError: when the service is not among the key's.
        """
        services = ", ".join(self.args.services) or "none"
        strange = service not in self.args.services
        check(
            when(
                strange,
                f"{what}: services of key {self.name} are {services}: allowed is with {service}",
            )
        )


def _statements(args: EncryptionKeyArgs) -> list[dict[str, Any]]:
    account = args.account
    owner = {
        "Sid": "Account",
        "Effect": "Allow",
        "Principal": {"AWS": pulumi.Output.format("arn:{0}:iam::{1}:root", *_where(account))},
        "Action": [*ADMINISTRATION, *DECRYPT, *ENCRYPT],
        "Resource": "*",
    }
    return [owner, *(_service(name, account) for name in args.services)]


def _service(name: str, account: Account) -> dict[str, Any]:
    principal: pulumi.Input[str] = f"{name}.amazonaws.com"
    condition: dict[str, Any] = {"StringEquals": {"aws:SourceAccount": account.id}}
    # CloudWatch Logs names the log group in the encryption context and sends no source account:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    if name == "logs":
        principal = pulumi.Output.format("logs.{0}.amazonaws.com", account.region)
        groups = pulumi.Output.format("arn:{0}:logs:*:{1}:log-group:*", *_where(account))
        condition = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}}
    # Nor does what delivers a state machine's logs, which names whose logs they are:
    # https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
    if name == "delivery.logs":
        place = (account.partition, account.region, account.id)
        source = pulumi.Output.format("arn:{0}:logs:{1}:{2}:*", *place)
        condition = {"StringEquals": {"kms:EncryptionContext:SourceArn": source}}
    return {
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": [*DECRYPT, *ENCRYPT],
        "Resource": "*",
        "Condition": condition,
    }


def _where(account: Account) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    return account.partition, account.id
