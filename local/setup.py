"""Make the environments that everything else runs in; needs nothing but Python 3.11 with venv.

All of it goes below `.toolkit`; what is there already and matches its lock file is left alone.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".toolkit"
LOCKS = ROOT / "requirements"
OLDEST = (3, 11)
# uv and the functions' interpreter are the same for all: dev.txt holds the program's needs too.
ENVIRONMENTS = {"venv": "dev.txt", "emulator": "emulator.txt", "durable": "durable.txt"}


def main() -> None:
    """Make what is missing or out of date, and say how long each part took."""
    if sys.version_info < OLDEST:
        sys.exit(f"Python is {sys.version.split()[0]}: needed is 3.11 or newer (make PYTHON=…)")
    STATE.mkdir(exist_ok=True)
    _part("uv", STATE / "bootstrap", LOCKS / "bootstrap.txt", _bootstrap)
    for name, lock in ENVIRONMENTS.items():
        _part(f"environment {name}", STATE / name, LOCKS / lock, _environment)


def _part(title: str, folder: Path, lock: Path, make: Callable[[Path, Path], None]) -> None:
    """Run one part unless its stamp says that it was finished with this lock file and Python."""
    stamp = folder / ".made"
    wanted = hashlib.sha256(sys.version.encode() + lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    started = time.monotonic()
    sys.stdout.write(f"  {title} …\n")
    sys.stdout.flush()
    stamp.unlink(missing_ok=True)
    make(folder, lock)
    stamp.write_text(wanted)
    sys.stdout.write(f"  {title}: {time.monotonic() - started:.1f} s\n")


def _bootstrap(folder: Path, lock: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    pip = ["-m", "pip", "install", "--quiet", "--no-cache-dir", "--require-hashes"]
    _run(folder / "bin/python", *pip, "--requirement", lock)


def _environment(folder: Path, lock: Path) -> None:
    uv = STATE / "bootstrap/bin/uv"
    if not (folder / "bin/python").exists():
        _run(uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, folder)
    options = ("--quiet", "--require-hashes", "--compile-bytecode")
    _run(uv, "pip", "sync", *options, "--python", folder / "bin/python", lock)


def _run(*command: str | Path) -> None:
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run([str(part) for part in command], env=environment, check=False)  # noqa: S603
    if done.returncode:
        sys.exit(f"{command[0]} failed: is the package index reachable? Then run it again.")


if __name__ == "__main__":
    main()
