"""How a program's packages become functions of the emulator."""

import base64
import hashlib
import io
import os
import shlex
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.emulator.task_processes import CODE, PYTHON
from local.provider import wire
from local.provider.errors import UnsupportedError

HOME = Path(__file__).resolve().parent.parent / "runtime"
LOOP = HOME / "loop.py"


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """The project's folder and interpreter.

    The emulator runs a custom runtime's `bootstrap`, so a function gets one that starts the
    project's interpreter; the state keeps the runtime that the program asked for.
    """

    project: Path
    python: str

    def package(self, archive: Any) -> bytes:
        """Return an archive of the program, as it is."""
        if not isinstance(archive, dict) or archive.get(wire.SIGNATURE) != wire.ARCHIVE:
            raise UnsupportedError(f"code is {archive!r}: allowed is an archive")
        if "path" not in archive:
            raise UnsupportedError("code is an archive without a path: allowed is a zip file")
        path: str = archive["path"]
        return (self.project / path).read_bytes()

    def function(self, archive: Any) -> bytes:
        """Return an archive with the bootstrap in it."""
        return self._bootstrapped(io.BytesIO(self.package(archive)))

    def program(self, *names: str) -> bytes:
        """Return the package of a function of our own, made of these modules of the runtime."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as package:
            for path in (HOME.parent / "__init__.py", HOME / "__init__.py", *map(_module, names)):
                entry = zipfile.ZipInfo(path.relative_to(HOME.parent.parent).as_posix())
                package.writestr(entry, path.read_bytes())
        return self._bootstrapped(content)

    def labels(self) -> dict[str, str]:
        """Return what tells the emulator where a task's code is, which has no image here."""
        folders = (self.project / "fargate", self.project / "lambdas")
        return {PYTHON: self.python, CODE: os.pathsep.join(map(str, folders))}

    def _bootstrapped(self, content: io.BytesIO) -> bytes:
        command = f"exec {shlex.quote(self.python)} {shlex.quote(str(LOOP))}"
        bootstrap = zipfile.ZipInfo("bootstrap")
        bootstrap.create_system = 3
        bootstrap.external_attr = 0o755 << 16
        with zipfile.ZipFile(content, "a") as package:
            package.writestr(bootstrap, f"#!/bin/sh\n{command}\n")
        return content.getvalue()


def _module(name: str) -> Path:
    return HOME / f"{name}.py"


def sha256(content: bytes) -> str:
    """Return a package's hash as Lambda tells it."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()
