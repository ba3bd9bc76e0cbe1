"""Where the CLI comes from, and what the engine is told."""

import contextlib
import os
import re
import stat
import tempfile
import zipfile
from pathlib import Path

import psutil
import pytest
import yaml

from local.engine import build, cli, download
from local.engine.environment import environment, isolated
from local.engine.plan import plan
from local.engine.workspace import copy, run, workspace
from local.errors import LocalError


def fake_cli(folder: Path, version: str = cli.VERSION) -> Path:
    path = folder / "bin/pulumi"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho v{version}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No CLI anywhere, no download host, no Go."""
    monkeypatch.setattr(cli, "PULUMI", tmp_path / "ours")
    monkeypatch.setattr(download, "INSTALL", "raise SystemExit(1)")
    monkeypatch.setattr(cli, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(build, "LOG", tmp_path / "build.log")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return tmp_path


def quiet(_message: str) -> None:
    pass


def test_the_cli_on_path_comes_first(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = fake_cli(elsewhere / "theirs")
    fake_cli(elsewhere / "ours")
    monkeypatch.setenv("PATH", f"{found.parent}:/usr/bin:/bin")
    assert cli.find(quiet).command == "pulumi"


def test_an_old_cli_on_path_is_passed_over(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = fake_cli(elsewhere / "theirs", "3.100.0")
    ours = fake_cli(elsewhere / "ours")
    monkeypatch.setenv("PATH", f"{found.parent}:/usr/bin:/bin")
    assert cli.find(quiet).command == str(ours)


def test_a_downloaded_cli_is_put_in_place(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = fake_cli(elsewhere / "host")
    install = f"import shutil, sys; shutil.copy({str(source)!r}, sys.argv[1] + '/bin/pulumi')"
    monkeypatch.setattr(download, "INSTALL", install)
    assert cli.find(quiet).command == str(elsewhere / "ours/bin/pulumi")
    assert not (elsewhere / "pulumi.new").exists()


def test_without_cli_host_and_go_it_says_what_to_install(elsewhere: Path) -> None:
    with pytest.raises(LocalError, match=r"no Pulumi CLI.* install it .* or Go"):
        cli.find(quiet)


def test_a_build_that_fails_leaves_no_cli(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = elsewhere / "go/go"
    go.parent.mkdir()
    go.write_text("#!/bin/sh\n[ $1 = env ] && exec echo /nothing\necho no such module\nexit 1\n")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{go.parent}:/usr/bin:/bin")
    with pytest.raises(LocalError, match=r"(?s)Go could not build.*no such module.*proxy"):
        cli.find(quiet)
    assert not (elsewhere / "ours").exists()


def test_what_is_built_is_the_version_that_is_asked_for() -> None:
    module = (build.SOURCES / "go.mod").read_text()
    found = re.findall(r"github.com/pulumi/pulumi/(?:pkg|sdk)/v3 v(\S+)", module)
    assert found == [cli.VERSION] * 2


def test_the_engine_is_told_nothing_of_the_users_account(tmp_path: Path) -> None:
    told = environment(tmp_path)
    assert told["AWS_ACCESS_KEY_ID"] == "test"
    assert told["PULUMI_BACKEND_URL"] == f"file://{tmp_path}/state"


def test_a_stage_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="there is no stage 'x': there are dev, local, prod"):
        workspace(stage="x", folder=tmp_path, command=None, provider_port=1)  # type: ignore[arg-type]


def test_the_stages_own_keys_stay_out_of_the_copy(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: p\nruntime: python\nbackend: {url: s3://b}\n")
    secret = "secretsprovider: awskms://k\nencryptedkey: e\nconfig: {aws:region: r}\n"
    (project / "Pulumi.dev.yaml").write_text(secret)
    copy("dev", tmp_path / "folder", project)
    copied = tmp_path / "folder/project"
    assert yaml.safe_load((copied / "Pulumi.dev.yaml").read_text()) == {
        "config": {"aws:region": "r"}
    }
    whole = yaml.safe_load((copied / "Pulumi.yaml").read_text())
    assert (copied / whole["main"]).resolve() == project
    assert "backend" not in whole


def test_the_program_runs_in_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("VALUE = 1\n")
    program = "import helper, pathlib\npathlib.Path('ran').write_text(str(helper.VALUE))\n"
    (tmp_path / "__main__.py").write_text(program)
    before = Path.cwd()
    run(tmp_path)
    assert (tmp_path / "ran").read_text() == "1"
    assert Path.cwd() == before


def test_the_salt_of_the_copys_own_passphrase_is_kept(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    (project / "Pulumi.dev.yaml").write_text("encryptionsalt: theirs\n")
    copied = tmp_path / "folder/project/Pulumi.dev.yaml"
    copied.parent.mkdir(parents=True)
    copied.write_text("encryptionsalt: ours\n")
    copy("dev", tmp_path / "folder", project)
    assert yaml.safe_load(copied.read_text()) == {"encryptionsalt": "ours"}


def test_nothing_of_the_users_aws_or_pulumi_is_seen_inside_and_all_of_it_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "PULUMI_ACCESS_TOKEN", "PULUMI_BACKEND_URL"):
        monkeypatch.setenv(name, "theirs")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    before, temporary = dict(os.environ), tempfile.gettempdir()
    with isolated(tmp_path / "engine"):
        assert not any("theirs" in value for value in os.environ.values())
        assert os.environ["NO_PROXY"] == "127.0.0.1,localhost"
        assert os.environ["HTTP_PROXY"] == "http://proxy.example:3128"
        assert Path(tempfile.mkdtemp()).parent == tmp_path / "engine/tmp"
    assert dict(os.environ) == before
    assert tempfile.gettempdir() == temporary


def test_the_environment_comes_back_after_an_error(tmp_path: Path) -> None:
    before = dict(os.environ)
    with pytest.raises(RuntimeError), isolated(tmp_path):
        raise RuntimeError
    assert dict(os.environ) == before


def test_uv_leaves_nothing_in_an_empty_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with isolated(tmp_path / "engine"):
        assert os.environ["UV_CACHE_DIR"].endswith(".toolkit/cache/uv")
    (tmp_path / ".cache/uv").mkdir(parents=True)
    with isolated(tmp_path / "engine"):
        assert "UV_CACHE_DIR" not in os.environ


def test_the_version_of_a_cli_is_asked_for_away_from_home(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_cli(elsewhere / "ours").write_text(
        f'#!/bin/sh\nmkdir -p "${{PULUMI_HOME:-$HOME}}/logs"\necho v{cli.VERSION}\n'
    )
    monkeypatch.setenv("HOME", str(elsewhere / "home"))
    cli.find(quiet)
    assert not (elsewhere / "home").exists()
    assert (elsewhere / "cache/cli/home/logs").is_dir()


def test_a_cli_that_does_not_run_is_not_taken(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = "import sys; open(sys.argv[1] + '/bin/pulumi', 'w').write('half')"
    monkeypatch.setattr(download, "INSTALL", half)
    with pytest.raises(LocalError, match="no Pulumi CLI"):
        cli.find(quiet)
    assert not (elsewhere / "ours").exists()


def test_an_installer_that_does_not_end_is_ended_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child"
    install = (
        "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); "
        f"open({str(child)!r}, 'w').write(str(p.pid)); p.wait()"
    )
    monkeypatch.setattr(download, "INSTALL", install)
    monkeypatch.setattr(download, "SECONDS", 1)
    told: list[str] = []
    download.get(tmp_path, cli.VERSION, told.append)
    assert "cannot be downloaded from here (no end after 1 s)" in told[-1]
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int(child.read_text())).wait(timeout=10)


def test_go_is_told_to_use_its_own_caches_or_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = tmp_path / "go"
    own = tmp_path / "own"
    own.mkdir()
    go.write_text(f"#!/bin/sh\n[ $2 = GOCACHE ] && echo {own} || echo /nothing\n")
    go.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("GOFLAGS", "-mod=mod")
    told = build.go_environment(str(go))
    assert "GOCACHE" not in told
    assert told["GOMODCACHE"].endswith(".toolkit/cache/gomodcache")
    assert told["XDG_CONFIG_HOME"].endswith(".toolkit/cache/config")
    assert told["GOFLAGS"].split()[:2] == ["-mod=mod", "-modcacherw"]


PACKAGED = """
import pulumi
import pulumi_aws as aws

aws.lambda_.LayerVersion(
    "packaged", layer_name="packaged", code=pulumi.FileArchive("packages/a.zip")
)
"""


@pytest.mark.local
def test_a_relative_archive_is_found_in_the_project_and_hashed_the_same_each_time(
    tmp_path: Path,
) -> None:
    project = tmp_path / "project"
    (project / "packages").mkdir(parents=True)
    with zipfile.ZipFile(project / "packages/a.zip", "w") as package:
        package.writestr(zipfile.ZipInfo("a.py"), "A = 1")
    (project / "Pulumi.yaml").write_text("name: packaged\nruntime: python\n")
    (project / "Pulumi.dev.yaml").write_text("config:\n  aws:region: us-east-1\n")
    (project / "__main__.py").write_text(PACKAGED)
    first, second = (plan("dev", project=project, report=quiet) for _ in range(2))
    (code,) = [step.inputs["code"] for step in first.steps if "code" in step.inputs]
    assert code["path"] == "packages/a.zip"
    assert len(code["hash"]) == 64
    assert first == second
