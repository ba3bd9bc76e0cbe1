"""Parts of pages that a command writes, between markers: `<!-- name -->` and `<!-- /name -->`."""

import re
from pathlib import Path


def replaced(page: Path, name: str, text: str) -> str:
    """Return a page with a text between the markers of a name."""
    block = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
    whole, times = block.subn(lambda _: f"\n{text}\n\n", page.read_text())
    if times != 1:
        raise ValueError(f"{page} has {times} places for {name}: allowed is one")
    return whole
