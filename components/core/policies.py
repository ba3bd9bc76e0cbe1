"""Policy documents, as JSON that previews and tests can read."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pulumi

from components.core.links import Grant

VERSION = "2012-10-17"


def document(statements: Iterable[dict[str, Any]]) -> pulumi.Output[str]:
    """Return a policy document whose statements may hold outputs."""
    return pulumi.Output.json_dumps({"Version": VERSION, "Statement": list(statements)})


def identity(grants: Iterable[Grant]) -> pulumi.Output[str]:
    """Return the identity policy of a role that holds these grants."""
    return document(grant.statement() for grant in grants)


def trust(service: str) -> str:
    """Return the trust policy of a role that one AWS service assumes."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": VERSION, "Statement": [statement]})


def trust_source(service: str, source_arn: pulumi.Output[str]) -> pulumi.Output[str]:
    """Return the trust policy of a role that a service assumes for one source, and for no other.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    account = source_arn.apply(lambda arn: arn.split(":")[4])
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {"aws:SourceArn": source_arn},
            "StringEquals": {"aws:SourceAccount": account},
        },
    }
    return document([statement])


def tls_only(actions: Sequence[str], resource: pulumi.Input[str]) -> dict[str, Any]:
    """Return the statement of a resource policy that refuses requests without TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": list(actions),
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def service_may(
    service: str, action: str, resource: pulumi.Input[str], source_arn: pulumi.Input[str]
) -> dict[str, Any]:
    """Return the statement of a resource policy that lets one source of an AWS service in."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        "Resource": resource,
        "Condition": {"ArnLike": {"aws:SourceArn": source_arn}},
    }
