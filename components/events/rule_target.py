"""What a rule of a bus can send events to."""

from dataclasses import dataclass
from typing import Any, Protocol

import pulumi
import pulumi_aws as aws

from components.core import policies
from components.core.links import Grant

EVENTS = "events.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule, with the bus that it is of and the name that its children begin with."""

    bus: object
    name: str
    title: str
    arn: pulumi.Output[str]
    parent: pulumi.Resource


class RuleTarget(Protocol):
    """A target: it lets the rule in, and says where it is."""

    def rule_target(self, rule: Rule) -> dict[str, Any]:
        """Return the inputs of the rule's target: `arn`, and what its kind needs besides."""


def role_arn(rule: Rule, *grants: Grant) -> pulumi.Output[str]:
    """Make the role that a rule assumes for its target, and return its ARN."""
    child = pulumi.ResourceOptions(parent=rule.parent)
    role = aws.iam.Role(f"{rule.name}-role", assume_role_policy=policies.trust(EVENTS), opts=child)
    aws.iam.RolePolicy(
        f"{rule.name}-policy", role=role.name, policy=policies.identity(grants), opts=child
    )
    return role.arn
