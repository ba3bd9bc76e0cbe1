"""One program for each component, using every part of it: the contracts are checked on these.

Each module of this folder has its own EXAMPLES, gathered here.
"""

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path

EXAMPLES: dict[type, Callable[[], object]] = {}
for found in pkgutil.iter_modules(__path__):
    EXAMPLES.update(importlib.import_module(f"{__name__}.{found.name}").EXAMPLES)
MODULES = sorted(Path("components").rglob("*.py"))
