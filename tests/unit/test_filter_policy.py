from typing import Any, get_args

import pytest

from components.core.checks import ArgumentsError
from components.events.filter_policy import SCOPES, FilterScope, inputs


def refusal(policy: dict[str, Any], scope: Any = "attributes") -> str:
    with pytest.raises(ArgumentsError) as caught:
        inputs(policy, scope)
    return str(caught.value)


def values(number: int) -> list[str]:
    return [f"v{n}" for n in range(number)]


def test_both_scopes_have_a_name() -> None:
    assert set(SCOPES) == set(get_args(FilterScope))


def test_without_a_filter_all_passes() -> None:
    assert inputs(None, "attributes") == {}


@pytest.mark.parametrize(
    "policy",
    [
        {"kind": ["a", 5, None, True]},
        {"kind": [{"anything-but": ["a"]}, {"exists": False}, {"suffix": ".png"}]},
        {"total": [{"numeric": [">", 5]}], "$or": [{"a": ["1"]}, {"b": [{"cidr": "10.0.0.0/8"}]}]},
        {f"k{n}": ["a"] for n in range(5)},
        {"a": values(150)},
        {"a": values(10), "b": values(15)},
        {"$or": [{"a": values(75)}, {"b": values(75)}]},
    ],
)
def test_what_sns_takes_passes(policy: dict[str, Any]) -> None:
    assert inputs(policy, "attributes")
    assert inputs(policy, "body")


def test_the_body_is_nested() -> None:
    nested = {"detail": {"order": {"kind": ["a"]}}}
    assert inputs(nested, "body")
    assert "filter detail is nested: allowed is a list" in refusal(nested)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({}, "number of keys of the filter is 0: allowed is 1 to 5"),
        ({f"k{n}": ["a"] for n in range(6)}, "number of keys of the filter is 6: allowed is"),
        ({"a": values(151)}, "combinations of the filter is 151: allowed is 1 to 150"),
        ({"a": values(10), "b": values(16)}, "combinations of the filter is 160"),
        ({"$or": [{"a": values(75)}, {"b": values(76)}]}, "combinations of the filter is 151"),
        ({"a": ["x" * 262_144]}, "bytes of the filter is 262155: allowed is 3 to 262,144"),
        ({"kind": "a"}, "filter kind is 'a': allowed is a list of values or operators"),
        ({"kind": [{"like": "a"}]}, "filter kind has {'like': 'a'}: allowed is one of"),
        ({"kind": [["a"]]}, "filter kind has a list in a list"),
    ],
)
def test_what_sns_refuses_is_refused(policy: dict[str, Any], message: str) -> None:
    assert message in refusal(policy)


def test_each_level_of_the_body_counts() -> None:
    assert inputs({"a": {"b": {"c": values(50)}}}, "body")
    assert "combinations of the filter is 153" in refusal({"a": {"b": {"c": values(51)}}}, "body")


def test_another_scope_is_refused() -> None:
    message = "filter_scope is 'headers': allowed is 'attributes', 'body'"
    assert message in refusal({"a": ["b"]}, "headers")
