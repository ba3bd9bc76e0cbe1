"""An upload over the limits of Lambda, and workers that are killed at random moments."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stage import LocalStage
from tests.local.over_limit import EACH_BAD, Site, import_under_fire, write

# From so many rows on an upload is over the limits by itself.
OVER = 200_000
ROWS = int(os.environ.get("ROWS", "20000"))
SEED = int(os.environ.get("SEED", "1"))
pytestmark = [pytest.mark.local, pytest.mark.timeout(3_600)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    project = tmp_path / "project"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: large\nruntime: python\n")
    (project / "Pulumi.local.yaml").write_text("config:\n  aws:region: us-east-1\n")
    write(project)
    stage = LocalStage(state=tmp_path / "state", project=project, report=lambda _: None)
    stage.up()
    yield Site(stage, tmp_path / "workers.log", rows_per_second=100_000)
    stage.down()


def test_an_upload_over_the_limits_becomes_each_row_one_order_whoever_is_killed(
    site: Site,
) -> None:
    over = ROWS >= OVER
    site.upload("large", ROWS, run_on=None if over else "service")
    found = import_under_fire(site, "large", ROWS, SEED)
    bad = ROWS // EACH_BAD
    assert (found["rows"], found["placed"], found["refused"]) == (ROWS, ROWS - bad, bad)
    assert (found["repeated"], len(found["errors"])) == (0, min(bad, 1_000))
    assert len(site.orders()) == ROWS - bad
    job = site.job("large")
    decision = json.loads(job["decision"]["S"])
    assert (decision["where"], decision["overridden"]) == ("service", not over)
    assert decision["limit"] == ("seconds" if over else None)
    assert (job["status"]["S"], job["fence"]["N"]) == ("DONE", "5")
    assert site.messages("dead_letters") == 0
    day = job["ended_on"]["S"]
    assert site.process("reconcile", "reconcile", day).wait(timeout=3_600) == 0
    report = site.report(f"reconciliation/{day}")
    assert report
    assert report["imports"][0]["statuses"] == {"PLACED": ROWS - bad}
