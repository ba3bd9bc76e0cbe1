"""What a role may do in the emulator, and the credentials that it gives to who it trusts."""

import json
import time
from collections.abc import Mapping
from typing import Any

HOUR = 3_600


def allows(
    evaluator: Any,
    role_arn: str,
    action: str,
    resource: str,
    region: str,
    keys: Mapping[str, str] | None = None,
) -> bool:
    """Whether a role may do it; without a resource, the action alone is compared.

    `keys` are the condition keys of the request, in lower case.
    """
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    policies = evaluator._gather_role_policies(name, account)
    if not resource:
        return any(
            statement.effect == "Allow"
            and evaluator._action_matches(action, statement.actions, statement.not_actions)
            for policy in policies
            for statement in policy
        )
    context = evaluator.EvalContext(
        principal_arn=role_arn,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=region,
        service_context=dict(keys or {}),
    )
    return bool(evaluator.evaluate(context, policies).decision == "Allow")


def trusts(evaluator: Any, iam: Any, role_arn: str, service: str, source_arn: str) -> bool:
    """Whether a role lets a service assume it for this resource."""
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    role = iam._roles.get_scoped(account, None, name)
    if role is None:
        return False
    context = evaluator.EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account=account,
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=source_arn.split(":")[3],
        service_context={"aws:sourceaccount": account, "aws:sourcearn": source_arn},
    )
    document = role["AssumeRolePolicyDocument"]
    statements = (json.loads(document) if isinstance(document, str) else document)["Statement"]
    effects = {
        each["Effect"]
        for each in (statements if isinstance(statements, list) else [statements])
        if "sts:AssumeRole" in each.get("Action", ())
        and evaluator._service_principal_matches(each.get("Principal"), service)
        and evaluator._conditions_met(each.get("Condition", {}), context)
    }
    return effects == {"Allow"}


def session(iam: Any, sts: Any, role_arn: str, name: str) -> dict[str, Any]:
    """Return credentials of a role for an hour, as AssumeRole gives them."""
    account, role = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    key, secret, token = (
        iam._gen_session_access_key(),
        iam._gen_secret(),
        iam._gen_session_token(),
    )
    expiration = time.time() + HOUR
    sts.register_session(
        key,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
            "UserId": f"{role}:{name}",
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": expiration,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
        },
    )
    return {
        "AccessKeyId": key,
        "SecretAccessKey": secret,
        "Token": token,
        "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expiration)),
        "RoleArn": role_arn,
    }
