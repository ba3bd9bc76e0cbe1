"""A workflow as a picture."""

from components.workflow.errors import Catch
from components.workflow.flow import Choice, Fail, Pass, Succeed, Wait, When
from components.workflow.groups import Map, Parallel
from components.workflow.picture import picture
from components.workflow.state import State

PICTURE = """\
flowchart TD
  s1["Begin"]
  s1 --> s2
  s2{"Which #quot;one#quot;?"}
  s2 -- "$a = 1" --> s3
  s2 -- "otherwise" --> s9
  subgraph s3["Both"]
    subgraph s3_1[" "]
      s4[/"Left"/]
      s4 --> s5
      s5["After left"]
    end
    subgraph s3_2[" "]
      subgraph s6["Right"]
        subgraph s6_1[" "]
          s7["Each"]
        end
      end
    end
  end
  s3 --> s8
  s3 -. "States.Timeout, OwnError" .-> s9
  s8(["Good"])
  s9[["Bad"]]"""


def test_a_picture_shows_every_state_and_every_way() -> None:
    caught = Catch(errors=["States.Timeout", "OwnError"], next="Bad")
    branches: list[list[State]] = [
        [Wait("Left", seconds=1), Pass("After left")],
        [Map("Right", states=[Pass("Each")])],
    ]
    choice = When(condition="{% $a = 1 %}", next="Both")
    states: list[State] = [
        Pass("Begin", next='Which "one"?'),
        Choice('Which "one"?', choices=[choice], default="Bad"),
        Parallel("Both", branches=branches, catch=[caught]),
        Succeed("Good"),
        Fail("Bad", error="BadError"),
    ]
    assert picture(states) == PICTURE
