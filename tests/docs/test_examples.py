"""Runs the examples of the README and the guides."""

import re
from pathlib import Path
from typing import Any

import pytest

from components.compute.function_size import FunctionSize
from cost import crossovers, ways_out
from tests.contracts.examples import EXAMPLES
from tests.docs import limits
from tests.docs.pictures import GUIDE, drawn
from tests.recording import deploy

PAGES = [Path("README.md"), *sorted(Path("docs").rglob("*.md"))]
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
CODE = [
    pytest.param(block, id=f"{page}-{number}")
    for page in PAGES
    for number, block in enumerate(BLOCK.findall(page.read_text()), 1)
]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
LOCK = Path("requirements/functions.txt").absolute()


@pytest.mark.parametrize("code", CODE)
def test_an_example_runs(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items = tmp_path / "lambdas/items"
    items.mkdir(parents=True)
    (items / "handler.py").touch()
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/functions.txt").write_bytes(LOCK.read_bytes())
    monkeypatch.chdir(tmp_path)
    made = deploy(lambda: exec(compile(code, "example", "exec"), {}))  # noqa: S102
    assert made.resources or "Size(" in code


def test_every_component_has_an_example_in_a_guide() -> None:
    guides = "\n".join(page.read_text() for page in Path("docs/guides").glob("*.md"))
    used = "\n".join(BLOCK.findall(guides))
    for component in EXAMPLES:
        assert re.search(rf"\b{component.__name__}\(", used), component.__name__


def test_the_readmes_shortest_example_has_at_most_12_lines() -> None:
    (code,) = BLOCK.findall(Path("README.md").read_text())
    assert len(code.splitlines()) <= 12


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_no_link_leads_nowhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), f"{page} links {target}"


def test_the_picture_of_the_fulfilment_is_the_one_of_its_states() -> None:
    assert GUIDE.read_text() == drawn()


@pytest.mark.parametrize("part", [limits, crossovers, ways_out], ids=lambda part: part.__name__)
def test_a_part_that_a_command_writes_is_as_it_would_write_it(part: Any) -> None:
    assert part.GUIDE.read_text() == part.written()


def test_limits_are_those_that_the_components_check() -> None:
    assert limits.between(FunctionSize, "memory_mb") == (128, 10_240)
    rows = {row[0]: row for row in limits.rows()}
    assert "128 to 10,240 MB" in rows["Lambda"][2]
    assert rows["durable function"][1].startswith("executions up to 31,622,400 seconds (366 days)")
    assert all(len(row) == len(limits.HEAD) for row in rows.values())
