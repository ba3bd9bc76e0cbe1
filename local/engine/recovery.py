"""What is to be done about a deployment that was interrupted."""

import hashlib
import json
import shutil
from enum import Enum
from pathlib import Path


class Remedy(Enum):
    """What a stage needs before it can be deployed to."""

    NOTHING = "nothing"
    UNLOCK = "unlock"
    ANEW = "anew"


def note(engine: Path) -> None:
    """Note that a deployment begins, and on which state; a killed command leaves the note."""
    engine.mkdir(parents=True, exist_ok=True)
    _note(engine).write_text(_digest(engine))


def forget(engine: Path) -> None:
    """Note that it came to its own end, well or not."""
    _note(engine).unlink(missing_ok=True)


def remedy(engine: Path, *, emulator_alive: bool) -> Remedy:
    """Decide from what an earlier command left.

    The emulator keeps its data in memory, so without it the state is of nothing. The engine writes
    an operation down before it begins and again when it has ended: one that is left open did
    something or not, nobody knows. A state that did not change since a killed deployment began
    needs no more than its lock opened.
    """
    noted = _note(engine)
    if not emulator_alive or _open_operations(engine):
        return Remedy.ANEW
    if noted.is_file() and noted.read_text() != _digest(engine):
        return Remedy.ANEW
    locked = any(path.is_file() for path in _locks(engine).rglob("*"))
    return Remedy.UNLOCK if locked else Remedy.NOTHING


def unlock(engine: Path) -> None:
    """Open the lock of an engine that is no more.

    As `pulumi cancel` does; but that needs the stack, whose creation may be what was interrupted.
    """
    shutil.rmtree(_locks(engine))


def deployed(engine: Path) -> bool:
    """Whether there is any state."""
    return any(_checkpoints(engine))


def _note(engine: Path) -> Path:
    return engine / "under-way"


def _locks(engine: Path) -> Path:
    return engine / "state/.pulumi/locks"


def _open_operations(engine: Path) -> bool:
    for path in _checkpoints(engine):
        try:
            # A stack that nothing was deployed to yet has no latest.
            latest = json.loads(path.read_text())["checkpoint"].get("latest") or {}
            pending = latest.get("pending_operations")
        except (ValueError, KeyError, TypeError, AttributeError):
            return True
        if pending:
            return True
    return False


def _digest(engine: Path) -> str:
    content = b"".join(path.read_bytes() for path in _checkpoints(engine))
    return hashlib.sha256(content).hexdigest()


def _checkpoints(engine: Path) -> list[Path]:
    return sorted((engine / "state/.pulumi/stacks").glob("*/*.json"))
