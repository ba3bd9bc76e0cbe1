"""The states of a workflow in Amazon States Language."""

from components.workflow.definition import definition
from components.workflow.errors import Catch, Retry
from components.workflow.flow import Choice, Fail, Pass, Succeed, Wait, When
from components.workflow.groups import Map, Parallel
from components.workflow.state import State


def test_a_state_goes_on_to_the_one_after_it_unless_it_says_otherwise() -> None:
    states: list[State] = [
        Pass("one"),
        Pass("two", next="four"),
        Pass("three", end=True),
        Choice("four", choices=[When(condition="{% true %}", next="three")], default="five"),
        Pass("five"),
    ]
    made = definition(states)
    assert made["StartAt"] == "one"
    ways = {name: (each.get("Next"), each.get("End")) for name, each in made["States"].items()}
    assert ways == {
        "one": ("two", None),
        "two": ("four", None),
        "three": (None, True),
        "four": (None, None),
        "five": (None, True),
    }


def test_states_that_direct_the_way() -> None:
    states: list[State] = [
        Pass("begin", comment="why", assign={"a": "{% 1 %}"}, output={"b": [1]}),
        Wait("rest", seconds=5),
        Wait("rest as told", seconds_from="{% $a %}"),
        Wait("rest until", until="2030-01-01T00:00:00Z"),
        Choice(
            "where",
            choices=[
                When(condition="{% $a = 1 %}", next="good", assign={"c": 1}, output="{% $a %}")
            ],
            default="bad",
            assign={"c": 2},
            output="none",
        ),
        Succeed("good", output="{% $c %}"),
        Fail("bad", error="BadError", cause="{% $string($c) %}"),
    ]
    made = definition(states, "aws", 60, "all")
    assert made["QueryLanguage"] == "JSONata"
    assert (made["TimeoutSeconds"], made["Comment"]) == (60, "all")
    found = made["States"]
    assert found["begin"] == {
        "Type": "Pass",
        "Comment": "why",
        "Assign": {"a": "{% 1 %}"},
        "Output": {"b": [1]},
        "Next": "rest",
    }
    assert found["rest"] == {"Type": "Wait", "Seconds": 5, "Next": "rest as told"}
    assert found["rest as told"]["Seconds"] == "{% $a %}"
    assert found["rest until"]["Timestamp"] == "2030-01-01T00:00:00Z"
    assert found["where"] == {
        "Type": "Choice",
        "Choices": [
            {
                "Condition": "{% $a = 1 %}",
                "Next": "good",
                "Assign": {"c": 1},
                "Output": "{% $a %}",
            }
        ],
        "Default": "bad",
        "Assign": {"c": 2},
        "Output": "none",
    }
    assert found["good"] == {"Type": "Succeed", "Output": "{% $c %}"}
    assert found["bad"] == {"Type": "Fail", "Error": "BadError", "Cause": "{% $string($c) %}"}


def test_errors_are_retried_later_and_later_and_then_caught() -> None:
    state = Parallel(
        "both",
        branches=[[Pass("left")], [Pass("right")]],
        arguments={"a": 1},
        retry=[
            Retry(errors=["BusyError"], interval_seconds=2, max_delay_seconds=9, jitter="NONE")
        ],
        catch=[Catch(errors=["States.ALL"], next="lost", assign={"why": 1}, output="{% 2 %}")],
    )
    made = definition([state, Fail("lost", error="LostError")])["States"]["both"]
    assert made["Retry"] == [
        {
            "ErrorEquals": ["BusyError"],
            "IntervalSeconds": 2,
            "MaxAttempts": 3,
            "BackoffRate": 2.0,
            "JitterStrategy": "NONE",
            "MaxDelaySeconds": 9,
        }
    ]
    assert made["Catch"] == [
        {"ErrorEquals": ["States.ALL"], "Next": "lost", "Assign": {"why": 1}, "Output": "{% 2 %}"}
    ]
    assert [each["StartAt"] for each in made["Branches"]] == ["left", "right"]
    assert made["Arguments"] == {"a": 1}


def test_a_map_goes_through_its_states_for_each_item() -> None:
    state = Map(
        "each",
        states=[Pass("one"), Pass("two")],
        items="{% $states.input.list %}",
        item_selector={"n": "{% $states.context.Map.Item.Index %}"},
        max_concurrency=3,
    )
    made = definition([state])["States"]["each"]
    assert made["Items"] == "{% $states.input.list %}"
    assert made["ItemSelector"] == {"n": "{% $states.context.Map.Item.Index %}"}
    assert made["MaxConcurrency"] == 3
    processor = made["ItemProcessor"]
    assert processor["ProcessorConfig"] == {"Mode": "INLINE"}
    assert (processor["StartAt"], list(processor["States"])) == ("one", ["one", "two"])
