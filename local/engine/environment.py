"""What the engine and the program see of the user's environment: nothing of AWS or of Pulumi."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local.paths import CACHE

# Of the user's own, all of these could reach real accounts, states or hosts.
FOREIGN = ("AWS_", "PULUMI_")


def environment(folder: Path) -> Mapping[str, str]:
    """Return the settings of an engine that lives in `folder` and never leaves this machine."""
    return {
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL": "true",
        "PULUMI_SKIP_CONFIRMATIONS": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Engine, provider and emulator speak to each other: no proxy is between them.
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "TMPDIR": str(folder / "tmp"),
    }


@contextmanager
def isolated(folder: Path) -> Iterator[None]:
    """Put this process, and what it starts, into that environment; temporary files too."""
    before, temporary = dict(os.environ), tempfile.tempdir
    ours = {**environment(folder), **_cache(before)}
    for name in ("home", "state", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in [name for name in before if name.startswith(FOREIGN)]:
        del os.environ[name]
    os.environ.update(ours)
    tempfile.tempdir = ours["TMPDIR"]
    try:
        yield
    finally:
        tempfile.tempdir = temporary
        for name in ours:
            os.environ.pop(name, None)
        os.environ.update({name: before[name] for name in before if _touched(name, ours)})


def _cache(before: Mapping[str, str]) -> Mapping[str, str]:
    """Let uv, which resolves the functions' packages, leave nothing in an empty home."""
    own = Path(before.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "uv"
    if "UV_CACHE_DIR" in before or own.is_dir():
        return {}
    return {"UV_CACHE_DIR": str(CACHE / "uv")}


def _touched(name: str, ours: Mapping[str, str]) -> bool:
    return name in ours or name.startswith(FOREIGN)
