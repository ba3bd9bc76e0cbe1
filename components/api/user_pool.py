"""A Cognito user pool and its clients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.core.checks import check, check_fields, matches, when
from components.core.names import check_name

SIGN_IN = ("ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
SCOPE = r"[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]{1,256}"
ADMIN_SIGN_IN = "ALLOW_ADMIN_USER_PASSWORD_AUTH"


@dataclass(frozen=True, kw_only=True)
class SignInPolicy:
    """How users prove who they are.

    `threat_protection` needs the PLUS tier, which is paid per active user. `admin_sign_in` lets
    holders of AWS credentials sign a user in by password, for tests.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/
    password_length: Annotated[int, Interval(ge=8, le=99)] = 12
    mfa: Literal["OFF", "OPTIONAL", "ON"] = "OPTIONAL"
    threat_protection: Literal["OFF", "AUDIT", "ENFORCED"] = "OFF"
    admin_sign_in: bool = False
    access_token_minutes: Annotated[int, Interval(ge=5, le=1_440)] = 60
    refresh_token_days: Annotated[int, Interval(ge=1, le=3_650)] = 30

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, kw_only=True)
class UserPoolArgs:
    """Settings of a UserPool.

    `scopes` of the pool's resource server, each with its description, are what clients ask for.
    `groups` are what users are put in; a token names them in `cognito:groups`.
    """

    sign_in: SignInPolicy = field(default_factory=SignInPolicy)
    clients: Sequence[str] = ("web",)
    scopes: Mapping[str, str] = field(default_factory=dict)
    groups: Sequence[str] = ()
    protect: bool = False

    def __post_init__(self) -> None:
        check(
            when(not self.clients, "clients is empty: allowed is one name or more"),
            *(
                matches("client", name, r"[a-z][a-z0-9-]{0,19}", "1 to 20 letters, digits and -")
                for name in self.clients
            ),
            # Cognito, API reference: GroupNameType; a group is part of its resource's name here.
            *(
                matches("group", name, r"[a-z][a-z0-9-]{0,19}", "1 to 20 letters, digits and -")
                for name in self.groups
            ),
            # Cognito, API reference: ResourceServerScopeType
            *(
                matches("scope", name, SCOPE, "1 to 256 printable characters but / and space")
                for name in self.scopes
            ),
            *(
                matches(
                    f"description of scope {name}", text, r"(?s).{1,256}", "1 to 256 characters"
                )
                for name, text in self.scopes.items()
            ),
        )


class UserPool(pulumi.ComponentResource):
    """Users who sign in by e-mail address, and public clients that hold no secret."""

    id: pulumi.Output[str]
    issuer: pulumi.Output[str]
    client_ids: Mapping[str, pulumi.Output[str]]

    def __init__(
        self,
        name: str,
        args: UserPoolArgs | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        check_name(name)
        super().__init__("toolkit:api:UserPool", name, {}, opts)
        self.name = name
        self.args = args = args or UserPoolArgs()
        self.pool = self._pool()
        if args.scopes:
            aws.cognito.ResourceServer(
                f"{name}-resource-server",
                identifier=name,
                name=name,
                user_pool_id=self.pool.id,
                scopes=[
                    {"scope_name": scope, "scope_description": text}
                    for scope, text in sorted(args.scopes.items())
                ],
                opts=pulumi.ResourceOptions(parent=self),
            )
        for group in args.groups:
            aws.cognito.UserGroup(
                f"{name}-{group}-group",
                name=group,
                user_pool_id=self.pool.id,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.id = self.pool.id
        self.issuer = self.pool.endpoint.apply(lambda endpoint: f"https://{endpoint}")
        self.client_ids = {client: self._client(client).id for client in args.clients}
        self.register_outputs({"id": self.id, "issuer": self.issuer})

    def _pool(self) -> aws.cognito.UserPool:
        sign_in = self.args.sign_in
        protected = self.args.protect
        return aws.cognito.UserPool(
            f"{self.name}-pool",
            username_attributes=["email"],
            auto_verified_attributes=["email"],
            username_configuration={"case_sensitive": False},
            account_recovery_setting={
                "recovery_mechanisms": [{"name": "verified_email", "priority": 1}]
            },
            password_policy={
                "minimum_length": sign_in.password_length,
                "require_lowercase": True,
                "require_uppercase": True,
                "require_numbers": True,
                "require_symbols": True,
                "temporary_password_validity_days": 7,
            },
            mfa_configuration=sign_in.mfa,
            software_token_mfa_configuration=(
                None
                if sign_in.mfa == "OFF"
                else aws.cognito.UserPoolSoftwareTokenMfaConfigurationArgs(enabled=True)
            ),
            user_pool_tier="ESSENTIALS" if sign_in.threat_protection == "OFF" else "PLUS",
            user_pool_add_ons={"advanced_security_mode": sign_in.threat_protection},
            deletion_protection="ACTIVE" if protected else "INACTIVE",
            opts=pulumi.ResourceOptions(parent=self, protect=protected),
        )

    def _client(self, client: str) -> aws.cognito.UserPoolClient:
        sign_in = self.args.sign_in
        return aws.cognito.UserPoolClient(
            f"{self.name}-{client}-client",
            user_pool_id=self.pool.id,
            generate_secret=False,
            explicit_auth_flows=[*SIGN_IN, *((ADMIN_SIGN_IN,) if sign_in.admin_sign_in else ())],
            # An answer that does not tell whether a user exists.
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            access_token_validity=sign_in.access_token_minutes,
            id_token_validity=sign_in.access_token_minutes,
            refresh_token_validity=sign_in.refresh_token_days,
            token_validity_units={
                "access_token": "minutes",
                "id_token": "minutes",
                "refresh_token": "days",
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
