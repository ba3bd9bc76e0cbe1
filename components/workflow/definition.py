"""Amazon States Language, made of sequences of states."""

from collections.abc import Iterator, Sequence
from typing import Any

import pulumi

from components.workflow.groups import Group
from components.workflow.state import State, Step


def definition(
    states: Sequence[State],
    partition: pulumi.Input[str] = "aws",
    timeout_seconds: int | None = None,
    comment: str | None = None,
) -> dict[str, Any]:
    """Return a whole machine; its texts may be outputs."""
    timeout = {"TimeoutSeconds": timeout_seconds} if timeout_seconds is not None else {}
    about = {"Comment": comment} if comment else {}
    return {**about, "QueryLanguage": "JSONata", **sequence(states, partition), **timeout}


def sequence(states: Sequence[State], partition: pulumi.Input[str]) -> dict[str, Any]:
    """Return a sequence of states, which begins with the first of them."""
    made = {}
    for state, after in with_next(states):
        made[state.name] = {**_inside(state, partition), **_goes_on(state, after)}
    return {"StartAt": states[0].name, "States": made}


def with_next(states: Sequence[State]) -> Iterator[tuple[State, str | None]]:
    """Return each state with the one that it goes on to by itself; None where it does not."""
    for state, following in zip(states, [*states[1:], None], strict=True):
        after = None
        if isinstance(state, Step) and not state.end:
            after = state.next or (following.name if following else None)
        yield state, after


def _inside(state: State, partition: pulumi.Input[str]) -> dict[str, Any]:
    made = state.asl(partition)
    if isinstance(state, Group):
        made |= state.asl_of([sequence(inner, partition) for _, inner in state.scopes()])
    return made


def _goes_on(state: State, after: str | None) -> dict[str, Any]:
    if not isinstance(state, Step):
        return {}
    return {"End": True} if after is None else {"Next": after}
