"""Where the CLI comes from, and what the engine is told."""

import re
import stat
from pathlib import Path

import pytest
import yaml

from local.engine import cli
from local.engine.workspace import _copy, environment, run, workspace
from local.errors import LocalError
from local.stage import _pending


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
    monkeypatch.setattr(cli, "INSTALL", "raise SystemExit(1)")
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
    copy = f"import shutil, sys; shutil.copy({str(source)!r}, sys.argv[1] + '/bin/pulumi')"
    monkeypatch.setattr(cli, "INSTALL", copy)
    assert cli.find(quiet).command == str(elsewhere / "ours/bin/pulumi")
    assert not (elsewhere / "pulumi.new").exists()


def test_without_cli_host_and_go_it_says_what_to_install(elsewhere: Path) -> None:
    with pytest.raises(LocalError, match=r"there is no Pulumi CLI: install it .* or Go"):
        cli.find(quiet)


def test_a_build_that_fails_leaves_no_cli(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = elsewhere / "go/go"
    go.parent.mkdir()
    go.write_text("#!/bin/sh\n[ $1 = env ] && exec echo /nothing\nexit 1\n")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{go.parent}:/usr/bin:/bin")
    with pytest.raises(LocalError, match="could not be built"):
        cli.find(quiet)
    assert not (elsewhere / "ours").exists()


def test_what_is_built_is_the_version_that_is_asked_for() -> None:
    module = (cli.SOURCES / "go.mod").read_text()
    found = re.findall(r"github.com/pulumi/pulumi/(?:pkg|sdk)/v3 v(\S+)", module)
    assert found == [cli.VERSION] * 2


def test_the_engine_is_told_nothing_of_the_users_account(tmp_path: Path) -> None:
    told = environment(tmp_path, 1234)
    assert told["PULUMI_DEBUG_PROVIDERS"] == "aws:1234"
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
    _copy("dev", tmp_path / "folder", project)
    copy = tmp_path / "folder/project"
    assert yaml.safe_load((copy / "Pulumi.dev.yaml").read_text()) == {
        "config": {"aws:region": "r"}
    }
    whole = yaml.safe_load((copy / "Pulumi.yaml").read_text())
    assert (copy / whole["main"]).resolve() == project
    assert "backend" not in whole


def test_the_program_runs_in_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("VALUE = 1\n")
    program = "import helper, pathlib\npathlib.Path('ran').write_text(str(helper.VALUE))\n"
    (tmp_path / "__main__.py").write_text(program)
    before = Path.cwd()
    run(tmp_path)
    assert (tmp_path / "ran").read_text() == "1"
    assert Path.cwd() == before


@pytest.mark.parametrize(
    ("checkpoint", "pending"),
    [
        ('{"checkpoint": {"latest": {"resources": []}}}', False),
        ('{"checkpoint": {"latest": {"pending_operations": [{"type": "creating"}]}}}', True),
        ('{"checkpoint": {}}', False),
        ('{"checkpoi', True),
    ],
)
def test_operations_that_did_not_end_are_seen(
    tmp_path: Path, checkpoint: str, pending: bool
) -> None:
    path = tmp_path / "local.json"
    path.write_text(checkpoint)
    assert _pending(path) is pending
