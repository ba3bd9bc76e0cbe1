from typing import Any

import pytest

from components.api.user_pool import SignInPolicy, UserPool, UserPoolArgs
from components.core.checks import ArgumentsError
from tests.recording import Deployment, deploy


def deployed(args: UserPoolArgs | None = None) -> Deployment:
    return deploy(lambda: UserPool("people", args))


def test_users_sign_in_by_mail_with_a_strong_password() -> None:
    pool = deployed().inputs("userPool:UserPool")
    assert pool["usernameAttributes"] == ["email"]
    assert pool["passwordPolicy"]["minimumLength"] == 12
    assert pool["mfaConfiguration"] == "OPTIONAL"
    assert pool["softwareTokenMfaConfiguration"] == {"enabled": True}


def test_a_client_has_no_secret_and_tells_nobody_who_exists() -> None:
    client = deployed().inputs("userPoolClient:UserPoolClient")
    assert client["generateSecret"] is False
    assert client["preventUserExistenceErrors"] == "ENABLED"
    assert client["explicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def test_sign_in_by_an_administrator_is_only_where_asked() -> None:
    args = UserPoolArgs(sign_in=SignInPolicy(admin_sign_in=True))
    flows = deployed(args).inputs("UserPoolClient")["explicitAuthFlows"]
    assert "ALLOW_ADMIN_USER_PASSWORD_AUTH" in flows


def test_threat_protection_takes_the_tier_that_has_it() -> None:
    args = UserPoolArgs(sign_in=SignInPolicy(threat_protection="ENFORCED", mfa="OFF"))
    pool = deployed(args).inputs("userPool:UserPool")
    assert pool["userPoolTier"] == "PLUS"
    assert pool["userPoolAddOns"] == {"advancedSecurityMode": "ENFORCED"}
    assert "softwareTokenMfaConfiguration" not in pool


def test_a_protected_pool_is_protected_twice() -> None:
    pool = deployed(UserPoolArgs(protect=True)).one("userPool:UserPool")
    assert pool.protect
    assert pool.inputs["deletionProtection"] == "ACTIVE"


def test_scopes_are_those_of_the_resource_server() -> None:
    server = deployed(UserPoolArgs(scopes={"write": "Write", "read": "Read"})).inputs(
        "resourceServer:ResourceServer"
    )
    assert [scope["scopeName"] for scope in server["scopes"]] == ["read", "write"]


def test_a_pool_needs_a_client() -> None:
    with pytest.raises(ArgumentsError, match="clients is empty: allowed is one name or more"):
        UserPoolArgs(clients=())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"clients": ("Web",)}, "client is 'Web': allowed is 1 to 20 letters"),
        ({"scopes": {"": "Read"}}, "scope is '': allowed is 1 to 256 printable"),
        ({"scopes": {"a/b": "Read"}}, "scope is 'a/b': allowed is 1 to 256 printable"),
        ({"scopes": {"read": ""}}, "description of scope read is '': allowed is 1 to 256"),
        ({"scopes": {"read": "x" * 257}}, "description of scope read is 'xxx"),
    ],
)
def test_clients_and_scopes_that_cognito_refuses_are_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentsError) as caught:
        UserPoolArgs(**settings)
    assert message in str(caught.value)


def test_groups_are_made_in_the_pool() -> None:
    group = deployed(UserPoolArgs(groups=("staff",))).one("userGroup:UserGroup")
    assert group.inputs == {"name": "staff", "userPoolId": "people-pool-id"}
    assert group.parent == "people"


def test_a_group_has_a_plain_name() -> None:
    with pytest.raises(ArgumentsError, match=r"group is 'Staff!': allowed is 1 to 20"):
        UserPoolArgs(groups=("Staff!",))
