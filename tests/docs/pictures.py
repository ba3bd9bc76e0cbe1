"""Writes the picture of the fulfilment into its guide: `python -m tests.docs.pictures`."""

import re
import runpy
from pathlib import Path
from typing import Any

from components.workflow.picture import picture
from tests.contracts.stages import configuration
from tests.recording import deploy

GUIDE = Path("docs/guides/fulfilment.md")
BLOCK = re.compile(r"(?<=```mermaid\n).*?(?=```)", re.DOTALL)


def drawn() -> str:
    """Return the guide with the picture of the states as the program has them."""
    program: dict[str, Any] = {}

    def run() -> None:
        program.update(runpy.run_path("__main__.py"))

    deploy(run, stack="dev", config=configuration("dev"))
    states = program["fulfilment"].workflow.args.states
    return BLOCK.sub(lambda _: f"{picture(states)}\n", GUIDE.read_text())


if __name__ == "__main__":
    GUIDE.write_text(drawn())
