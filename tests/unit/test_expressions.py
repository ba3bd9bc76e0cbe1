import pytest

from components.workflow.expressions import free_variables, is_expression, mistakes


@pytest.mark.parametrize(
    "text",
    [
        "{% $states.input.id %}",
        "{%$a%}",
        "{% ($x := 1; $x + $y) %}",
        "{% $map($items, function($v, $i) { $v.x & $i }) %}",
        "{% $partition([1..10], 3) %}",
        "{% 'a %} in a text' %}",
        "plain",
        "50 % {of} it",
        "",
    ],
)
def test_what_is_jsonata_or_plain_text_passes(text: str) -> None:
    assert [each for each in mistakes({"a": [text, 1, None, True]}, "output") if each] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{% $a", "output.a[0] is '{% $a': allowed is {% expression %}"),
        ("$a %}", "output.a[0] is '$a %}': allowed is {% expression %}"),
        ("{% %}", "allowed is JSONata (Unexpected end of expression"),
        ("{% $a + %}", "allowed is JSONata (Unexpected end of expression"),
        ("{% ($a %}", "allowed is JSONata (Expected )"),
        ("{% {'a': 1 %}", "allowed is JSONata (Expected }"),
        ("{% 'abc %}", "allowed is JSONata (String literal must be terminated"),
        ("{% a b %}", "allowed is JSONata (Syntax error"),
    ],
)
def test_what_is_neither_is_refused_where_it_stands(text: str, message: str) -> None:
    (found,) = [each for each in mistakes({"a": [text]}, "output") if each]
    assert found.startswith("output.a[0] is ")
    assert message in found


@pytest.mark.parametrize("value", [None, 1, "", "$a", "{% $a", "$a %}", ["{% $a %}"]])
def test_only_a_text_between_the_marks_is_an_expression(value: object) -> None:
    assert not is_expression(value)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{% $a.b + $c %}", {"a", "c"}),
        ("{% $states.input.a & $now() & $uuid() & $ & $$ %}", set()),
        ("{% $eval('1') %}", {"eval"}),
        ("{% $map($list, $uppercase) %}", {"list"}),
        ("{% $map($list, function($v) { $v + $w }) %}", {"list", "w"}),
        ("{% ($x := $y; $x) %}", {"y"}),
        ("{% $list@$v#$i.{'v': $v, 'i': $i, 'o': $o} %}", {"list", "o"}),
        ("{% $list[$n > 1]^(>$k){ $g: $s } %}", {"list", "n", "k", "g", "s"}),
        ("{% $a ? $b : $c %}", {"a", "b", "c"}),
        ("$a", set()),
    ],
)
def test_variables_of_others_are_told_from_an_expressions_own(text: str, names: set[str]) -> None:
    assert free_variables({"x": [text]}) == names
