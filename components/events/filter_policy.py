"""Filter policies of topics' subscriptions, checked before SNS sees them."""

import json
import math
from collections.abc import Mapping
from typing import Any, Literal

from components.core.checks import between, check, one_of
from components.events.event_pattern import comparison_mistakes

# https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
MOST_KEYS = 5
MOST_COMBINATIONS = 150
MOST_BYTES = 256 * 1024
FilterScope = Literal["attributes", "body"]
SCOPES: dict[FilterScope, str] = {"attributes": "MessageAttributes", "body": "MessageBody"}


def inputs(policy: Mapping[str, Any] | None, scope: FilterScope) -> dict[str, Any]:
    """Return a subscription's inputs for a filter policy, of attributes or of the body.

    Raises:
        ArgumentsError: for a policy over the limits of SNS (5 keys, 150 combinations of values,
            256 KB), with nested keys for attributes, or with an unknown operator.
    """
    if policy is None:
        return {}
    text = json.dumps(policy)
    check(
        one_of("filter_scope", scope, SCOPES),
        between("number of keys of the filter", len(policy), 1, MOST_KEYS),
        between("bytes of the filter", len(text.encode()), 3, MOST_BYTES),
        *comparison_mistakes("filter", policy),
        *(
            f"filter {key} is nested: allowed is a list of values or operators for attributes"
            for key, value in policy.items()
            if scope == "attributes" and isinstance(value, Mapping)
        ),
    )
    check(between("combinations of the filter", _combinations(policy, 1), 1, MOST_COMBINATIONS))
    return {"filter_policy": text, "filter_policy_scope": SCOPES[scope]}


def _combinations(policy: Mapping[str, Any], depth: int) -> int:
    """Multiply the numbers of values; those of a nested key count once for each level."""
    return math.prod(
        sum(_combinations(each, depth) for each in value)
        if key == "$or"
        else _combinations(value, depth + 1)
        if isinstance(value, Mapping)
        else len(value) * depth
        for key, value in policy.items()
    )
