import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.core.checks import ArgumentsError
from components.core.names import LONGEST, check_name, slug, variable
from components.core.tags import MOST, default_tags


@pytest.mark.parametrize("name", ["a", "orders", "place-order-2", "a" * LONGEST])
def test_a_good_name_passes(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["", "A", "1a", "a_b", "a--b", "-a", "a-", "a" * (LONGEST + 1)])
def test_a_bad_name_is_refused_with_the_rule(name: str) -> None:
    with pytest.raises(ArgumentsError, match=f"name is '{name}': allowed is 1 to 40 lower-case"):
        check_name(name)


def test_a_variable_says_which_resource_and_what() -> None:
    assert variable("order-items", "TABLE_NAME") == "ORDER_ITEMS_TABLE_NAME"


@given(st.text())
def test_a_slug_of_any_text_is_made_of_name_letters(text: str) -> None:
    assert all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in slug(text))


def tags(more: dict[str, str] | None = None) -> dict[str, str]:
    return default_tags(project="p", stage="dev", owner="team", cost_center="1", more=more)


def test_the_default_tags_are_four_and_what_a_stage_adds() -> None:
    assert list(tags({"data": "internal"})) == ["cost-center", "data", "owner", "project", "stage"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({f"t{n}": "v" for n in range(MOST - 3)}, "tags has 51 entries: allowed is 50"),
        ({"k" * 129: "v"}, "allowed is 128 letters"),
        ({"k": "v" * 257}, "allowed is 256 letters"),
        ({"k": "a|b"}, "tag k is 'a|b'"),
        ({"AWS:mine": "v"}, "aws: is reserved"),
    ],
)
def test_tags_that_aws_refuses_are_refused(more: dict[str, str], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        tags(more)
    assert message in str(caught.value)


def test_the_longest_tags_pass() -> None:
    tags({"k" * 128: "v" * 256, **{f"t{n}": "" for n in range(MOST - 5)}})
