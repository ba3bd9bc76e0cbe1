"""States that direct the way of an execution, without calling anything."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import pulumi
from annotated_types import Interval

from components.core.checks import when
from components.workflow.expressions import Json, mistakes, must_be_expression
from components.workflow.state import State, Step, Way, assign_mistakes, passing_on


@dataclass(frozen=True, kw_only=True)
class When:
    """Where to go on if a condition holds, an expression that is true or false."""

    condition: str
    next: str
    assign: Mapping[str, Json] = field(default_factory=dict)
    output: Json = None


@dataclass(frozen=True, kw_only=True)
class Choice(State):
    """A way by the first condition that holds; none without `default` fails the execution."""

    type = "Choice"

    choices: Sequence[When]
    default: str | None = None
    assign: Mapping[str, Json] = field(default_factory=dict)
    """Variables that are set on the way to `default`."""
    output: Json = None

    def mistakes(self) -> Iterator[str | None]:
        yield when(not self.choices, "choices is empty: allowed is one choice or more")
        for number, each in enumerate(self.choices, 1):
            what = f"choice {number}"
            yield must_be_expression(each.condition, f"condition of {what}")
            yield from mistakes(each.condition, f"condition of {what}")
            yield from assign_mistakes(each.assign)
            yield from mistakes(each.output, f"output of {what}")
        yield from assign_mistakes(self.assign)
        yield from mistakes(self.output, "output")

    def asl(self, partition: pulumi.Input[str]) -> dict[str, Any]:
        choices = [
            {
                "Condition": each.condition,
                "Next": each.next,
                **passing_on(each.assign, each.output),
            }
            for each in self.choices
        ]
        default = {"Default": self.default} if self.default is not None else {}
        passed = passing_on(self.assign, self.output)
        return {**super().asl(partition), "Choices": choices, **default, **passed}

    def leads_to(self) -> Iterator[Way]:
        for each in self.choices:
            yield Way(kind="choice", target=each.next, reason=each.condition)
        if self.default is not None:
            yield Way(kind="default", target=self.default)

    def variables(self) -> frozenset[str]:
        return frozenset(self.assign).union(*(each.assign for each in self.choices))


@dataclass(frozen=True, kw_only=True)
class Pass(Step):
    """A step that only assigns variables, or makes an output."""

    type = "Pass"


@dataclass(frozen=True, kw_only=True)
class Wait(Step):
    """A step that waits for a time, or until one; each may be an expression."""

    type = "Wait"

    # https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
    seconds: Annotated[int, Interval(ge=0, le=99_999_999)] | None = None
    seconds_from: str | None = None
    until: str | None = None

    def mistakes(self) -> Iterator[str | None]:
        yield from super().mistakes()
        given = (self.seconds, self.seconds_from, self.until)
        yield when(
            sum(each is not None for each in given) != 1,
            f"seconds, seconds_from and until are {given}: allowed is one of them",
        )
        if self.seconds_from is not None:
            yield must_be_expression(self.seconds_from, "seconds_from")
        yield from mistakes([self.seconds_from or "", self.until or ""], "time")

    def asl(self, partition: pulumi.Input[str]) -> dict[str, Any]:
        seconds = self.seconds if self.seconds_from is None else self.seconds_from
        time = {"Seconds": seconds} if self.until is None else {"Timestamp": self.until}
        return {**super().asl(partition), **time}


@dataclass(frozen=True, kw_only=True)
class Succeed(State):
    """The end of an execution that succeeded, with its output."""

    type = "Succeed"
    ends = True

    output: Json = None

    def mistakes(self) -> Iterator[str | None]:
        yield from mistakes(self.output, "output")

    def asl(self, partition: pulumi.Input[str]) -> dict[str, Any]:
        return {**super().asl(partition), **passing_on({}, self.output)}


@dataclass(frozen=True, kw_only=True)
class Fail(State):
    """The end of an execution that failed: a named error, and its cause."""

    type = "Fail"
    ends = True

    error: str
    cause: str | None = None

    def mistakes(self) -> Iterator[str | None]:
        yield from mistakes({"error": self.error, "cause": self.cause or ""}, "fail")

    def asl(self, partition: pulumi.Input[str]) -> dict[str, Any]:
        cause = {"Cause": self.cause} if self.cause is not None else {}
        return {**super().asl(partition), "Error": self.error, **cause}
