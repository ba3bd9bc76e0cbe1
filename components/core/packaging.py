"""Deterministic packages: the same files give the same bytes, in any folder and on any machine."""

import hashlib
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import uv

from components.core import bytecode
from components.core.checks import ArgumentsError, check, when

PACKAGES = Path(".toolkit/packages")
SHARED = "shared"
PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
ZIPPED_BYTES = 50 * 1024 * 1024
# Of a function and all of its layers together.
UNZIPPED_BYTES = 250 * 1024 * 1024
# The earliest time a zip entry can carry.
EPOCH = (1980, 1, 1, 0, 0, 0)
# What installers write for themselves: it names the machine, or differs from run to run.
INSTALLER_FILES = {".lock", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}


_ZIPPED: dict[tuple[object, ...], "Package"] = {}


@dataclass(frozen=True, kw_only=True)
class Package:
    """A zip file on disk."""

    path: str
    sha256: str

    @property
    def unzipped_bytes(self) -> int:
        """How much it takes where it is unpacked."""
        with zipfile.ZipFile(self.path) as archive:
            return sum(entry.file_size for entry in archive.infolist())


def package_folder(folder: str, *, python: str) -> Package:
    """Zip a folder of function code and its sibling `shared`, both importable by their names.

    `python` is the runtime's version, such as 3.14: with an interpreter of it, bytecode is added.

    Raises:
        ArgumentsError: when the folder is missing, holds no Python file or a link, or is over
            Lambda's 50 MB.
    """
    root = Path(folder)
    check(when(not root.is_dir(), f"code is {folder!r}: allowed is a folder"))
    shared = root.parent / SHARED
    folders = [root, shared] if shared.is_dir() and shared != root else [root]
    files = {
        f"{each.name}/{path.relative_to(each).as_posix()}": path
        for each in folders
        for path in _sources(each)
    }
    check(
        when(not any(name.endswith(".py") for name in files), f"code {folder!r} has no .py file")
    )
    # Functions share folders: files that did not change are zipped once in a run.
    state = (Path.cwd(), python, *((name, *_state(each)) for name, each in files.items()))
    if state not in _ZIPPED:
        with tempfile.TemporaryDirectory(dir=_packages()) as compiled:
            whole = bytecode.beside_sources(files, python, Path(compiled))
            _ZIPPED[state] = _zip(root.name, whole)
    return _ZIPPED[state]


def package_requirements(requirements: str, *, python: str, architecture: str) -> Package:
    """Install locked requirements for Lambda's platform and zip them as a layer.

    `python` is the runtime's version, such as 3.14: with an interpreter of it, bytecode stands in
    place of the sources. What was built once for the same lock file and platform is used again, so
    only the first call needs a package index.

    Raises:
        ArgumentsError: when the file is missing, or the layer is over Lambda's 50 MB.
        RuntimeError: when the requirements cannot be installed.
    """
    lock = Path(requirements)
    check(when(not lock.is_file(), f"requirements is {requirements!r}: allowed is a lock file"))
    compiled = bool(bytecode.interpreter(python))
    key = _sha256(f"{python} {architecture} {compiled}\n".encode() + lock.read_bytes())
    built = PACKAGES / f"layer-{key[:16]}.zip"
    if built.is_file():
        return Package(path=built.as_posix(), sha256=_sha256(built.read_bytes()))
    with tempfile.TemporaryDirectory(dir=_packages()) as folder:
        target = Path(folder) / "python"
        _install(lock, target, python, PLATFORMS[architecture])
        files = {f"python/{p.relative_to(target).as_posix()}": p for p in _sources(target)}
        code = Path(folder) / "bytecode"
        code.mkdir()
        return _zip("layer", bytecode.instead_of_sources(files, python, code), built)


def _install(lock: Path, target: Path, python: str, platform: str) -> None:
    command = [
        *(uv.find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--require-hashes"),
        *("--only-binary", ":all:", "--python-version", python, "--python-platform", platform),
        *("--target", str(target), "--requirements", str(lock)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"{lock} cannot be installed for {platform}: {done.stderr.strip()}")


def _sources(folder: Path) -> list[Path]:
    files = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_symlink():
            raise ArgumentsError(
                [f"code {folder.name!r} holds the link {path.name}: links differ"]
            )
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
        skipped = hidden or parts[0] == "bin" or path.suffix == ".pyc"
        if path.is_file() and not skipped and path.name not in INSTALLER_FILES:
            files.append(path)
    return files


def _zip(name: str, files: dict[str, Path], path: Path | None = None) -> Package:
    """Write the zip under a temporary name first, so that no half of it is ever used."""
    with tempfile.NamedTemporaryFile(dir=_packages(), delete=False) as file:
        # Stored: what deflate writes depends on the zlib that this Python was built with.
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for entry in sorted(files):
                info = zipfile.ZipInfo(entry, EPOCH)
                info.create_system = 3
                info.external_attr = 0o644 << 16
                archive.writestr(info, files[entry].read_bytes())
        file.flush()
        content = Path(file.name).read_bytes()
        sha256 = _sha256(content)
        path = path or PACKAGES / f"{name}-{sha256[:16]}.zip"
        if len(content) > ZIPPED_BYTES:
            Path(file.name).unlink()
            raise ArgumentsError(
                [f"package {name} has {len(content):,} bytes: Lambda takes 50 MB"]
            )
        Path(file.name).chmod(0o644)
        Path(file.name).replace(path)
    return Package(path=path.as_posix(), sha256=sha256)


def _state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _packages() -> Path:
    PACKAGES.mkdir(parents=True, exist_ok=True)
    return PACKAGES


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
