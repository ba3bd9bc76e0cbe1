import pytest

from components.core.checks import ArgumentsError, between, check, matches, one_of, when


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(ArgumentsError) as caught:
        check(between("size", 0, 1, 2_000), None, one_of("mode", "x", ("a", "b")))
    assert caught.value.mistakes == (
        "size is 0: allowed is 1 to 2,000",
        "mode is 'x': allowed is 'a', 'b'",
    )


def test_without_a_mistake_nothing_is_raised() -> None:
    check(
        between("size", 1, 1, 2),
        one_of("mode", "a", ("a",)),
        matches("name", "ab", "[a-z]+", "letters"),
        when(not "given", "never"),
    )


def test_a_pattern_must_match_the_whole_value() -> None:
    assert matches("name", "ab1", "[a-z]+", "letters") == "name is 'ab1': allowed is letters"
