import pytest

from components.core.checks import ArgumentsError
from components.core.links import Grant, Link, environment


def test_a_wildcard_action_cannot_be_granted() -> None:
    with pytest.raises(ArgumentsError, match=r"action is 'sqs:\*': allowed is service:Action"):
        Grant(actions=("sqs:*",), resources=("arn",))


def test_a_wildcard_resource_is_only_for_actions_that_take_none() -> None:
    with pytest.raises(ArgumentsError, match=r"resource is '\*' for sqs:SendMessage"):
        Grant(actions=("sqs:SendMessage",), resources=("*",))
    Grant(actions=("xray:PutTraceSegments",), resources=("*",))


def test_a_grant_names_actions_and_resources() -> None:
    with pytest.raises(ArgumentsError, match=r"actions is empty.*; resources is empty"):
        Grant(actions=(), resources=())


def test_a_condition_is_part_of_the_statement() -> None:
    condition = {"StringEquals": {"aws:SourceAccount": "1"}}
    grant = Grant(actions=("sqs:SendMessage",), resources=("arn",), conditions=condition)
    assert grant.statement()["Condition"] == condition


def test_a_functions_own_variables_win_over_those_of_links() -> None:
    grants = (Grant(actions=("sqs:SendMessage",), resources=("arn",)),)
    links = [Link(grants=grants, environment={"A": "1", "B": "1"})]
    assert environment(links, {"B": "2"}) == {"A": "1", "B": "2"}
