"""Steps with sequences of states inside: side by side, or once for each item."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import pulumi
from annotated_types import Interval

from components.core.checks import when
from components.workflow.expressions import Json, is_expression, mistakes
from components.workflow.state import Attempt, State

# https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
MOST_INLINE = 40


@dataclass(frozen=True, kw_only=True)
class Group(Attempt):
    """A step with states inside; they cannot go to states outside, nor those inside."""

    @abstractmethod
    def asl_of(self, sequences: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Return the fields that hold the sequences inside."""


@dataclass(frozen=True, kw_only=True)
class Parallel(Group):
    """Branches side by side, each with the same input; the result is the list of their outputs.

    When one fails, the others are stopped. `arguments` are the input of the branches, by default
    the state's own.
    """

    type = "Parallel"

    branches: Sequence[Sequence[State]]
    arguments: Json = None

    def mistakes(self) -> Iterator[str | None]:
        yield from super().mistakes()
        yield when(not self.branches, "branches is empty: allowed is one branch or more")
        yield from mistakes(self.arguments, "arguments")

    def asl(self, partition: pulumi.Input[str]) -> dict[str, Any]:
        given = {} if self.arguments is None else {"Arguments": self.arguments}
        return {**super().asl(partition), **given}

    def asl_of(self, sequences: Sequence[dict[str, Any]]) -> dict[str, Any]:
        return {"Branches": list(sequences)}

    def scopes(self) -> Iterator[tuple[str, Sequence[State]]]:
        for number, branch in enumerate(self.branches, 1):
            yield f"branch {number} of {self.name}", branch


@dataclass(frozen=True, kw_only=True)
class ItemGroup(Group):
    """The same states for each item of a list.

    `items` is a list or an expression, by default the input. `item_selector` makes the input of
    one round, out of `$states.context.Map.Item.Value` and `.Index`; by default the item.
    """

    type = "Map"

    states: Sequence[State]
    items: Json = None
    item_selector: Json = None
    max_concurrency: int = MOST_INLINE

    def mistakes(self) -> Iterator[str | None]:
        yield from super().mistakes()
        text = isinstance(self.items, str) and not is_expression(self.items)
        yield when(text, f"items is {self.items!r}: allowed is a list or an expression")
        yield from mistakes(self.items, "items")
        yield from mistakes(self.item_selector, "item_selector")

    def asl(self, partition: pulumi.Input[str]) -> dict[str, Any]:
        given = {"Items": self.items, "ItemSelector": self.item_selector}
        return {
            **super().asl(partition),
            **{key: value for key, value in given.items() if value is not None},
            "MaxConcurrency": self.max_concurrency,
        }

    @abstractmethod
    def processor(self) -> dict[str, Any]:
        """Return how rounds are run."""

    def asl_of(self, sequences: Sequence[dict[str, Any]]) -> dict[str, Any]:
        return {"ItemProcessor": {"ProcessorConfig": self.processor(), **sequences[0]}}

    def scopes(self) -> Iterator[tuple[str, Sequence[State]]]:
        yield f"states of {self.name}", self.states


@dataclass(frozen=True, kw_only=True)
class Map(ItemGroup):
    """The same states for each item of a list, at most 40 at a time; the result is their outputs.

    One item that fails, and is not caught inside, fails the step.
    """

    max_concurrency: Annotated[int, Interval(ge=1, le=MOST_INLINE)] = MOST_INLINE

    def processor(self) -> dict[str, Any]:
        return {"Mode": "INLINE"}
