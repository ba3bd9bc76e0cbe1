"""An upload over the limits of Lambda, and workers that are killed at random moments."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.over_limit import EACH_BAD, Site, deployed, import_under_fire

# From so many rows on an upload is over the limits by itself.
OVER = 200_000
ROWS = int(os.environ.get("ROWS", "10000"))
SEED = int(os.environ.get("SEED", "1"))
pytestmark = [pytest.mark.local, pytest.mark.timeout(3_600)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with deployed(tmp_path, rows_per_second=100_000) as site:
        yield site


def test_an_upload_over_the_limits_becomes_each_row_one_order_whoever_is_killed(
    site: Site,
) -> None:
    over = ROWS >= OVER
    site.upload("large", ROWS, run_on=None if over else "service")
    found = import_under_fire(site, "large", ROWS, SEED)
    bad = ROWS // EACH_BAD
    assert (found["rows"], found["placed"], found["refused"]) == (ROWS, ROWS - bad, bad)
    assert (found["repeated"], len(found["errors"])) == (0, min(bad, 1_000))
    # With the comparison below, that finds each row's order: one for each row.
    assert site.order_count() == ROWS - bad
    job = site.job("large")
    decision = json.loads(job["decision"]["S"])
    assert (decision["where"], decision["overridden"]) == ("service", not over)
    assert decision["limit"] == ("seconds" if over else None)
    assert (job["status"]["S"], job["fence"]["N"]) == ("DONE", "5")
    assert site.messages("dead_letters") == 0
    day = job["ended_on"]["S"]
    assert site.reconcile(day) == 0
    report = site.report(f"reconciliation/{day}")
    assert report
    assert report["imports"][0]["statuses"] == {"PLACED": ROWS - bad}
