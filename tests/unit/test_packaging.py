import io
import os
import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.core import bytecode, packaging
from components.core.checks import ArgumentsError
from components.core.packaging import package_folder, package_requirements

# A version that no machine has, and the one that runs the tests.
NONE = "3.99"
ARCHITECTURE = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
REQUIREMENT = "typing-extensions==4.16.0"


def write(root: Path, files: dict[str, bytes]) -> str:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return str(root / "work")


def built(folder: str) -> bytes:
    return Path(package_folder(folder, python=NONE).path).read_bytes()


def names(folder: str) -> list[str]:
    with zipfile.ZipFile(package_folder(folder, python=NONE).path) as archive:
        return archive.namelist()


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8})?\.(py|json)", fullmatch=True),
        st.binary(max_size=64),
        max_size=5,
    )
)
def test_the_same_files_give_the_same_bytes_in_two_folders(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    files = {f"work/{name}": content for name, content in files.items()}
    files |= {"work/handler.py": b"", "shared/log.py": b"1"}
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    one = write(first, files)
    two = write(second, dict(reversed(files.items())))
    for number, path in enumerate(second.rglob("*.py")):
        os.utime(path, (number, number))
        path.chmod(0o600)
    assert built(one) == built(two)


def test_a_package_holds_the_folder_and_its_sibling_shared(tmp_path: Path) -> None:
    folder = write(tmp_path, {"work/handler.py": b"", "shared/log.py": b"", "other/x.py": b""})
    assert names(folder) == ["shared/log.py", "work/handler.py"]


def test_caches_hidden_files_and_bytecode_stay_out(tmp_path: Path) -> None:
    files = ["handler.py", "__pycache__/a.py", ".env", ".git/x.py", "a.pyc"]
    assert names(write(tmp_path, {f"work/{name}": b"" for name in files})) == ["work/handler.py"]


def test_a_changed_file_changes_the_package(tmp_path: Path) -> None:
    folder = write(tmp_path, {"work/handler.py": b"1"})
    before = package_folder(folder, python=NONE)
    write(tmp_path, {"work/handler.py": b"2"})
    after = package_folder(folder, python=NONE)
    assert before.sha256 != after.sha256
    assert before.path != after.path


@pytest.mark.parametrize(
    ("files", "message"),
    [({}, "allowed is a folder"), ({"work/readme.md": b""}, "has no .py file")],
)
def test_a_folder_without_code_is_refused(
    tmp_path: Path, files: dict[str, bytes], message: str
) -> None:
    with pytest.raises(ArgumentsError, match=message):
        package_folder(write(tmp_path, files), python=NONE)


def test_a_link_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, {"work/handler.py": b"", "secret": b""})
    (tmp_path / "work/link.py").symlink_to(tmp_path / "secret")
    with pytest.raises(ArgumentsError, match=r"holds the link link\.py"):
        package_folder(folder, python=NONE)


def test_a_package_over_lambdas_limit_is_refused_and_not_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path, {"work/handler.py": b"x" * 1_000})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(packaging, "ZIPPED_BYTES", 1_000)
    with pytest.raises(ArgumentsError, match=r"package work has 1,\d+ bytes: Lambda takes 50 MB"):
        package_folder(folder, python=NONE)
    assert not list(packaging.PACKAGES.iterdir())


def test_the_projects_layer_is_the_same_when_built_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = Path("requirements/functions.txt").absolute()
    packages = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        package = package_requirements(str(lock), python=RUNNING, architecture="arm64")
        packages.append(Path(package.path).read_bytes())
        again = package_requirements(str(lock), python=RUNNING, architecture="arm64")
        assert again == package
    assert packages[0] == packages[1]
    with zipfile.ZipFile(package.path) as archive:
        entries = archive.namelist()
        assert sum(entry.file_size for entry in archive.infolist()) < 14_000_000
    assert "python/pydantic/main.pyc" in entries
    assert not any(entry.endswith((".py", ".pyi")) for entry in entries)
    machine = f"cpython-{RUNNING.replace('.', '')}-aarch64"
    assert any(machine in entry for entry in entries)
    assert not any(entry.startswith(("python/boto", "python/bin")) for entry in entries)


def test_the_layer_has_the_pinned_files_only(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"{REQUIREMENT} --hash=sha256:{'0' * 64}\n")
    with pytest.raises(RuntimeError, match=r"cannot be installed for aarch64-manylinux_2_28"):
        package_requirements(str(lock), python="3.14", architecture="arm64")


def test_a_missing_lock_file_is_refused() -> None:
    with pytest.raises(ArgumentsError, match=r"requirements is 'no\.txt': allowed is a lock file"):
        package_requirements("no.txt", python="3.14", architecture="arm64")


def test_without_an_interpreter_a_layer_keeps_its_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bytecode, "interpreter", lambda _python: None)
    lock = Path("requirements/functions.txt").absolute()
    monkeypatch.chdir(tmp_path)
    package = package_requirements(str(lock), python="3.14", architecture="arm64")
    with zipfile.ZipFile(package.path) as archive:
        entries = archive.namelist()
    assert "python/pydantic/main.py" in entries
    assert any("cpython-314-aarch64" in entry for entry in entries)


def unpacked(package: Path, target: Path) -> Path:
    with zipfile.ZipFile(package) as archive:
        archive.extractall(target)
    return target


def imported(statement: str, *path: Path) -> str:
    places = ":".join(map(str, path))
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", statement],
        env={"PYTHONPATH": places, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_function_runs_from_the_bytecode_that_was_packaged(tmp_path: Path) -> None:
    folder = write(tmp_path, {"work/handler.py": b"NAME = 'compiled'\n", "shared/log.py": b""})
    package = package_folder(folder, python=RUNNING)
    place = unpacked(Path(package.path), tmp_path / "task")
    # Unchecked: what the source says now is not asked.
    (place / "work/handler.py").write_text("raise SystemExit('compiled again')")
    assert imported("import work.handler; print(work.handler.NAME)", place) == "compiled"


def test_bytecode_is_the_same_from_two_folders(tmp_path: Path) -> None:
    code = b"def f(x: set) -> bool:\n    return x in {'a', 'b', 'c'}\n"
    packages = []
    for name in ("first", "second"):
        folder = write(tmp_path / name, {"work/handler.py": code, "shared/log.py": code})
        packages.append(Path(package_folder(folder, python=RUNNING).path).read_bytes())
    assert packages[0] == packages[1]
    with zipfile.ZipFile(io.BytesIO(packages[0])) as archive:
        assert len([entry for entry in archive.namelist() if entry.endswith(".pyc")]) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="the layer is built for Linux")
def test_a_layer_of_bytecode_can_be_imported(tmp_path: Path) -> None:
    package = package_requirements(
        "requirements/functions.txt", python=RUNNING, architecture=ARCHITECTURE
    )
    layer = unpacked(Path(package.path), tmp_path) / "python"
    statement = (
        "import pydantic; from aws_lambda_powertools.logging import Logger; "
        "print(pydantic.BaseModel.__module__, pydantic.__file__)"
    )
    module, file = imported(statement, layer).split()
    assert module == "pydantic.main"
    assert file == str(layer / "pydantic/__init__.pyc")


def test_a_machine_has_the_interpreter_or_not() -> None:
    assert bytecode.interpreter(RUNNING)
    assert bytecode.interpreter(NONE) is None
