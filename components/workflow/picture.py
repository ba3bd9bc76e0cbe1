"""A workflow as a picture that Markdown shows, in Mermaid."""

from collections.abc import Iterator, Sequence

from components.workflow.definition import with_next
from components.workflow.expressions import CLOSING, OPENING, is_expression
from components.workflow.state import State, Way, everywhere

SHAPES = {
    "Choice": ('{"', '"}'),
    "Fail": ('[["', '"]]'),
    "Succeed": ('(["', '"])'),
    "Wait": ('[/"', '"/]'),
}
BOX = ('["', '"]')


def picture(states: Sequence[State]) -> str:
    """Return a flowchart: dotted arrows are ways after an error."""
    names = {state.name: f"s{n}" for n, state in enumerate(everywhere(states), 1)}
    return "\n".join(["flowchart TD", *_scope(states, names, "  ")])


def _scope(states: Sequence[State], names: dict[str, str], indent: str) -> Iterator[str]:
    for state, after in with_next(states):
        here = names[state.name]
        inner = list(state.scopes())
        if inner:
            yield f'{indent}subgraph {here}["{_plain(state.name)}"]'
            for number, (_, sequence) in enumerate(inner, 1):
                yield f'{indent}  subgraph {here}_{number}[" "]'
                yield from _scope(sequence, names, f"{indent}    ")
                yield f"{indent}  end"
            yield f"{indent}end"
        else:
            opening, closing = SHAPES.get(state.type, BOX)
            yield f"{indent}{here}{opening}{_plain(state.name)}{closing}"
        if after is not None:
            yield f"{indent}{here} --> {names[after]}"
        for way in state.leads_to():
            if way.kind != "next":
                yield f"{indent}{here} {_arrow(way)} {names[way.target]}"


def _arrow(way: Way) -> str:
    label = _plain(way.reason or "otherwise")
    return f'-. "{label}" .->' if way.kind == "catch" else f'-- "{label}" -->'


def _plain(text: str) -> str:
    if is_expression(text):
        text = text[len(OPENING) : -len(CLOSING)].strip()
    return text.replace('"', "#quot;").replace("\n", " ")
