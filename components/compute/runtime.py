"""What all functions run on."""

from typing import Literal

RUNTIME = "python3.14"
PYTHON = RUNTIME.removeprefix("python")

Architecture = Literal["arm64", "x86_64"]
ARCHITECTURE: Architecture = "arm64"
