"""What Step Functions would refuse in how states lead to each other."""

from collections import Counter
from collections.abc import Iterator, Sequence

from components.core.checks import when
from components.workflow.definition import with_next
from components.workflow.state import State, everywhere


def graph_mistakes(states: Sequence[State]) -> Iterator[str | None]:
    """Return what is wrong with the names and ways of a machine's states."""
    names = Counter(state.name for state in everywhere(states))
    for name, count in names.items():
        yield when(count > 1, f"{count} states are named {name!r}: allowed is each name once")
    yield from _scope_mistakes("states", states)


def _scope_mistakes(scope: str, states: Sequence[State]) -> Iterator[str | None]:
    if not states:
        yield f"{scope} is empty: allowed is one state or more"
        return
    known = [state.name for state in states]
    for state in states:
        for way in state.leads_to():
            yield when(
                way.target not in known,
                f"{state.name}: {f'{way.kind} {way.reason}'.strip()} leads to {way.target!r}: "
                f"allowed is one of {known}",
            )
    ways = _ways(states)
    reached = _reached(states[0].name, ways)
    for state in states:
        yield when(
            state.name not in reached,
            f"{state.name} is never reached: allowed is a state that another leads to",
        )
    ends = [state.name for state, after in with_next(states) if _may_end(state, after)]
    yield when(
        not reached.intersection(ends),
        f"{scope} never ends: allowed is a way to Succeed, Fail, or a state with end",
    )
    for state in states:
        for name, inner in state.scopes():
            yield from _scope_mistakes(name, inner)


def _ways(states: Sequence[State]) -> dict[str, set[str]]:
    """Return the states that each state may go to."""
    return {
        state.name: {way.target for way in state.leads_to()} | ({after} if after else set())
        for state, after in with_next(states)
    }


def _reached(start: str, ways: dict[str, set[str]]) -> set[str]:
    reached, left = set[str](), [start]
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left += ways.get(name, ())
    return reached


def _may_end(state: State, after: str | None) -> bool:
    """Whether an execution may end in a state; it is no end of its own that a choice lacks."""
    return state.ends or (after is None and state.type != "Choice")
