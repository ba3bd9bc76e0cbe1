"""What the repository keeps to: sizes of files, and who imports whom."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

LONGEST = 300
SOURCES = [
    path
    for folder in (
        *("bench", "components", "cost", "fargate", "lambdas", "local", "system", "tests"),
    )
    for path in sorted(Path(folder).rglob("*.py"))
] + [Path("__main__.py"), Path("settings.py")]
# A part, and the parts of the project that it may import besides itself.
DIRECTIONS = {
    "bench": {"components", "local"},
    "components": set(),
    "cost": set(),
    # What a container shares with the functions is copied beside it.
    "fargate": {"imports", "shared"},
    "lambdas": set(),
    "local": set(),
    "settings.py": {"components"},
    "system": {"components", "settings"},
    "__main__.py": {"components", "settings", "system"},
}
PARTS = {
    "bench",
    "components",
    "cost",
    "settings",
    "system",
    "lambdas",
    "local",
    "tests",
    "fargate",
    *(path.name for code in ("fargate", "lambdas") for path in Path(code).iterdir()),
}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_no_file_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("path", [p for p in SOURCES if p.parts[0] != "tests"], ids=str)
def test_imports_go_one_way(path: Path) -> None:
    part = path.parts[0]
    # A package of code holds its own folder and, of function code, the shared one.
    own = {part, *({path.parts[1], "shared"} if part in ("fargate", "lambdas") else ())}
    strangers = set(imports(path)) & PARTS - own - DIRECTIONS[part]
    assert not strangers, f"{path} imports {strangers}"


@pytest.mark.parametrize("path", sorted(Path("components/core").glob("*.py")), ids=str)
def test_the_core_imports_no_component(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert not node.module.startswith("components.") or node.module.startswith(
                "components.core"
            )
