import json
from typing import Any

import pytest

from components.core.checks import ArgumentsError
from components.events.event_pattern import document

GOOD: list[dict[str, Any]] = [
    {"source": ["orders"]},
    {
        "detail-type": ["OrderPlaced", "OrderConfirmed"],
        "detail": {"total": [{"numeric": [">", 5]}]},
    },
    {"detail": {"sku": [{"anything-but": {"prefix": "x"}}, {"suffix": ".png"}], "of": [None, 5]}},
    {"detail": {"a": {"b": {"c": [{"exists": False}]}}}},
    {"$or": [{"source": ["a"]}, {"detail": {"b": [{"wildcard": "*c"}]}}]},
    {"detail": {"$or": [{"a": ["1"]}, {"b": [{"cidr": "10.0.0.0/8"}]}]}},
]


@pytest.mark.parametrize("pattern", GOOD)
def test_a_good_pattern_is_kept_as_it_is(pattern: dict[str, Any]) -> None:
    assert json.loads(document(pattern)) == pattern


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ({"sourse": ["orders"]}, "pattern names 'sourse': allowed is $or, account"),
        ({"source": "orders"}, "pattern source is 'orders': allowed is a list"),
        ({"source": []}, "pattern source is []: allowed is a list"),
        ({"detail": {"total": 5}}, "pattern detail.total is 5: allowed is a list"),
        ({"detail": {"a": [{"like": "b"}]}}, "pattern detail.a has {'like': 'b'}: allowed is one"),
        ({"detail": {"a": [{}]}}, "pattern detail.a has {}: allowed is one"),
        ({"detail": {"a": [["b"]]}}, "pattern detail.a has a list in a list"),
        ({"$or": [{"source": "a"}]}, "pattern $or.source is 'a': allowed is a list"),
    ],
)
def test_a_pattern_that_eventbridge_refuses_is_refused(
    pattern: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentsError) as caught:
        document(pattern)
    assert message in str(caught.value)
