"""What the states of a workflow have in common."""

from abc import ABC
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import pulumi

from components.core.checks import check, check_fields, matches, when
from components.core.links import Grant
from components.workflow.errors import Catch, Retry, error_mistakes
from components.workflow.expressions import Json, mistakes

# https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
NAME = r"(?s).{1,80}"
# https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
VARIABLE = r"(?!states$)[A-Za-z_]\w{0,79}"


@dataclass(frozen=True, kw_only=True)
class Way:
    """A state that another names, and why an execution goes there."""

    kind: Literal["catch", "choice", "default", "next"]
    target: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class State(ABC):
    """A state: its name tells people what happens in it."""

    type: ClassVar[str]
    ends: ClassVar[bool] = False
    """Whether an execution ends here, whatever comes after it in the sequence."""
    closed: ClassVar[bool] = False
    """Whether the states inside see no variables from outside."""

    name: str = field(kw_only=False)
    comment: str | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            matches("name of a state", self.name, NAME, "1 to 80 characters"),
            *(each and f"{self.name}: {each}" for each in self.mistakes()),
        )

    def mistakes(self) -> Iterator[str | None]:
        """Return what Step Functions would refuse in this state alone."""
        yield from ()

    def asl(self, partition: pulumi.Input[str]) -> dict[str, Any]:  # noqa: ARG002
        """Return the state in Amazon States Language, without where it goes on to."""
        comment = {"Comment": self.comment} if self.comment else {}
        return {"Type": self.type, **comment}

    def grants(self) -> tuple[Grant, ...]:
        """Return what the workflow's role needs to be in this state."""
        return ()

    def connect(self) -> None:  # noqa: B027  most need nothing
        """Have made what its target needs to be called from here, besides the grants."""

    def leads_to(self) -> Iterator[Way]:
        """Return the ways to the states that it names."""
        yield from ()

    def scopes(self) -> Iterator[tuple[str, Sequence["State"]]]:
        """Return the sequences of states inside it, each with its name."""
        yield from ()

    def variables(self) -> frozenset[str]:
        """Return the variables that it assigns."""
        return frozenset()

    def not_in_express(self) -> str | None:
        """Return what of it an Express workflow cannot do."""
        return None


@dataclass(frozen=True, kw_only=True)
class Step(State):
    """A state that goes on: to `next`, else to the state after it in the sequence.

    The last one of a sequence ends it, and so does one with `end`. `assign` sets variables, and
    `output` is the input of the next state; both are JSON with expressions.
    """

    next: str | None = None
    end: bool = False
    assign: Mapping[str, Json] = field(default_factory=dict)
    output: Json = None

    def mistakes(self) -> Iterator[str | None]:
        yield from super().mistakes()
        both = self.end and self.next is not None
        yield when(both, f"next is {self.next!r} with end: allowed is None")
        yield from assign_mistakes(self.assign)
        yield from mistakes(self.output, "output")

    def asl(self, partition: pulumi.Input[str]) -> dict[str, Any]:
        return {**super().asl(partition), **passing_on(self.assign, self.output)}

    def leads_to(self) -> Iterator[Way]:
        if self.next is not None:
            yield Way(kind="next", target=self.next)

    def variables(self) -> frozenset[str]:
        return frozenset(self.assign)


@dataclass(frozen=True, kw_only=True)
class Attempt(Step):
    """A step that may fail: `retry` tries it again, `catch` goes on elsewhere."""

    retry: Sequence[Retry] = ()
    catch: Sequence[Catch] = ()

    def mistakes(self) -> Iterator[str | None]:
        yield from super().mistakes()
        yield from error_mistakes("retry", [each.errors for each in self.retries()])
        yield from error_mistakes("catch", [each.errors for each in self.catch])
        for each in self.catch:
            yield from assign_mistakes(each.assign)
            yield from mistakes(each.output, "output of catch")

    def retries(self) -> Sequence[Retry]:
        """Return all retries, with those that its kind has by itself."""
        return self.retry

    def asl(self, partition: pulumi.Input[str]) -> dict[str, Any]:
        made = super().asl(partition)
        if self.retries():
            made["Retry"] = [each.asl() for each in self.retries()]
        if self.catch:
            made["Catch"] = [
                {**each.asl(), **passing_on(each.assign, each.output)} for each in self.catch
            ]
        return made

    def leads_to(self) -> Iterator[Way]:
        yield from super().leads_to()
        for each in self.catch:
            yield Way(kind="catch", target=each.next, reason=", ".join(each.errors))

    def variables(self) -> frozenset[str]:
        return super().variables().union(*(each.assign for each in self.catch))


def everywhere(states: Sequence[State]) -> Iterator[State]:
    """Return all states of a sequence, those inside others too."""
    for state in states:
        yield state
        for _, inner in state.scopes():
            yield from everywhere(inner)


def service_arn(partition: pulumi.Input[str], call: str) -> pulumi.Input[str]:
    """Return the address of a service integration, such as `lambda:invoke`."""
    if isinstance(partition, str):
        return f"arn:{partition}:states:::{call}"
    return pulumi.Output.format("arn:{0}:states:::{1}", partition, call)


def passing_on(assign: Mapping[str, Json], output: Json) -> dict[str, Any]:
    """Return what is assigned and put out, where there is any."""
    made: dict[str, Any] = {}
    if assign:
        made["Assign"] = dict(assign)
    if output is not None:
        made["Output"] = output
    return made


def assign_mistakes(assign: Mapping[str, Json]) -> Iterator[str | None]:
    """Return the mistakes in names and values of variables."""
    for name, value in assign.items():
        words = "1 to 80 letters, digits and _, a letter first, and not states"
        yield matches("variable", name, VARIABLE, words)
        yield from mistakes(value, f"assign.{name}")
