"""Bytecode for packages: Lambda cannot keep what it compiles, so it would at every cold start.

The files are hash-based and unchecked: their date does not matter, and the same sources give the
same bytes. They belong to one Python minor version, whose interpreter must be at hand; where it is
not, packages go without (`uv python install 3.14` brings it).
"""

import functools
import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import uv

COMPILE = """
import json, py_compile, sys
for source, target, shown in json.load(sys.stdin):
    py_compile.compile(
        source, target, shown, doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
"""


@functools.cache
def interpreter(python: str) -> str | None:
    """Return the interpreter of a version, such as 3.14, if this machine has one."""
    asked = subprocess.run(  # noqa: S603
        [uv.find_uv_bin(), "python", "find", "--no-python-downloads", f"cpython@{python}"],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() or None


def beside_sources(files: Mapping[str, Path], python: str, folder: Path) -> dict[str, Path]:
    """Return the files with bytecode in `__pycache__`, where Python looks for it."""
    tag = f"cpython-{python.replace('.', '')}"

    def name(entry: str) -> str:
        path = Path(entry)
        return (path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc").as_posix()

    return {**files, **_compiled(files, python, folder, name)}


def instead_of_sources(files: Mapping[str, Path], python: str, folder: Path) -> dict[str, Path]:
    """Return the files with bytecode in place of the sources, at about the same size.

    Raises:
        subprocess.CalledProcessError: for a source that the version cannot compile.
    """
    compiled = _compiled(files, python, folder, lambda entry: f"{entry}c")
    if not compiled:
        return dict(files)
    others = {entry: path for entry, path in files.items() if not entry.endswith((".py", ".pyi"))}
    return {**others, **compiled}


def _compiled(
    files: Mapping[str, Path], python: str, folder: Path, name: Callable[[str], str]
) -> dict[str, Path]:
    found = interpreter(python)
    if found is None:
        return {}
    sources = sorted(entry for entry in files if entry.endswith(".py"))
    targets = {name(entry): folder / str(number) for number, entry in enumerate(sources)}
    work = [
        (str(files[entry]), str(target), entry)
        for entry, target in zip(sources, targets.values(), strict=True)
    ]
    subprocess.run(  # noqa: S603
        [found, "-I", "-S", "-c", COMPILE],
        input=json.dumps(work),
        env={"PYTHONHASHSEED": "0"},
        text=True,
        check=True,
    )
    return targets
