"""What would go wrong with the variables of a workflow."""

from collections.abc import Iterator, Sequence

from components.workflow.expressions import free_variables
from components.workflow.state import State


def variable_mistakes(
    states: Sequence[State], outer: frozenset[str] = frozenset()
) -> Iterator[str | None]:
    """Return the variables that nothing assigns, and those that an outer scope has already.

    A state sees the variables of its own sequence and of those around it, but not into them:
    https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
    """
    own = frozenset[str]().union(*(state.variables() for state in states))
    known = own | outer
    for state in states:
        for name in sorted(state.variables() & outer):
            yield f"{state.name}: variable {name!r} is assigned outside: allowed is another name"
        for name in sorted(free_variables(state.asl("aws")) - known):
            allowed = ", ".join(sorted(known)) or "none yet"
            yield f"{state.name}: variable {name!r} is never assigned: allowed is {allowed}"
        for _, inner in state.scopes():
            yield from variable_mistakes(inner, frozenset() if state.closed else known)
