"""What the image promises, as far as its Dockerfile tells: no Docker builds it here."""

import json
import re
from pathlib import Path

IMPORTER = Path("fargate/importer")
LINES = [
    line
    for line in (IMPORTER / "Dockerfile").read_text().replace("\\\n", "").splitlines()
    if line and not line.startswith("#")
]


def of(instruction: str) -> list[str]:
    return [line.split(maxsplit=1)[1] for line in LINES if line.startswith(f"{instruction} ")]


def test_its_base_is_named_by_digest() -> None:
    assert len(of("FROM")) == 2
    for base in of("FROM"):
        assert base.startswith("python:3.14-slim@${PYTHON_DIGEST}")
    # Without a default: a build has to say which.
    assert of("ARG") == ["PYTHON_DIGEST"]


def test_it_runs_as_nobody_and_without_a_shell() -> None:
    (user,) = of("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    (command,) = of("CMD")
    assert json.loads(command) == ["python", "-m", "importer"]
    assert not of("ENTRYPOINT")
    assert all(json.loads(run) for run in of("RUN"))


def test_nothing_of_it_is_written_at_run_time_but_temporary_files() -> None:
    (variables,) = of("ENV")
    assert "PYTHONDONTWRITEBYTECODE=1" in variables
    assert [json.loads(each) for each in of("VOLUME")] == [["/tmp"]]  # noqa: S108


def test_its_packages_are_locked_by_hash() -> None:
    (install,) = of("RUN")
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(json.loads(install))
    lock = Path("requirements/container.txt").read_text()
    assert "botocore==" in lock
    assert "--hash=sha256:" in lock


def test_all_that_it_copies_is_there_and_let_through() -> None:
    ignored = (IMPORTER / "Dockerfile.dockerignore").read_text().splitlines()
    copied = [line.split()[0] for line in of("COPY") if not line.startswith("--from")]
    for path in copied:
        assert Path(path).exists() or path == "requirements/container.txt"
        assert f"!{path}" in ignored
    assert {"lambdas/shared", "lambdas/imports", "fargate/importer", "fargate/reconcile"} <= set(
        copied
    )


def test_the_code_imports_only_what_is_copied() -> None:
    there = {"importer", "reconcile", "imports", "shared"}
    folders = {path.name for code in ("fargate", "lambdas") for path in Path(code).iterdir()}
    sources = [*Path("fargate").rglob("*.py"), *Path("lambdas/imports").rglob("*.py")]
    for source in [*sources, *Path("lambdas/shared").rglob("*.py")]:
        used = set(re.findall(r"^\s*(?:from|import) (\w+)", source.read_text(), re.MULTILINE))
        assert used & folders <= there, source
