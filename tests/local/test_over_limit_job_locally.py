"""Jobs over the limits on the local stage: handed over, killed, and done once; IAM enforced."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.local.over_limit import EACH_BAD, Site, deployed, import_under_fire

pytestmark = pytest.mark.local
ROWS = 2_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with deployed(tmp_path_factory.mktemp("imports"), rows_per_second=200) as site:
        yield site


def test_workers_that_are_killed_make_each_row_one_order(site: Site) -> None:
    site.upload("small", 200)
    site.upload("large", ROWS, run_on="service")
    found = import_under_fire(site, "large", ROWS, seed=7)
    bad = ROWS // EACH_BAD
    assert (found["rows"], found["placed"], found["refused"]) == (ROWS, ROWS - bad, bad)
    assert (found["repeated"], len(found["errors"])) == (0, bad)
    # The small one was imported by the function meanwhile.
    small = site.report("small")
    assert small
    assert (small["placed"], small["refused"]) == (198, 2)
    orders = site.orders()
    assert len(set(orders)) == len(orders) == ROWS - bad + 198
    assert site.order_count() == len(orders)
    job = site.job("large")
    decision = json.loads(job["decision"]["S"])
    assert (decision["where"], decision["overridden"]) == ("service", True)
    assert (job["status"]["S"], job["fence"]["N"]) == ("DONE", "5")
    assert site.messages("dead_letters") == 0
    _reconcile(site, "large")


def _reconcile(site: Site, name: str) -> None:
    """Compare orders and reports, before and after an order is lost."""
    day = site.job(name)["ended_on"]["S"]
    assert datetime.fromisoformat(day).date() <= datetime.now(UTC).date()
    assert site.reconcile(day) == 0
    lost = next(iter(site.orders()))
    table = site.outputs["orders"]
    site.client("dynamodb").delete_item(TableName=table, Key={"order_id": {"S": lost}})
    assert site.reconcile(day) == 3
    report = site.report(f"reconciliation/{day}")
    assert report
    named = [each.get("order_id") for found in report["imports"] for each in found["differences"]]
    assert lost in named


def test_a_message_that_no_worker_can_read_is_put_away_with_its_reason(site: Site) -> None:
    sqs = site.client("sqs")
    sqs.send_message(QueueUrl=site.outputs["queue"], MessageBody='{"version": 99}')
    site.until(lambda: site.messages("queue") == 0)
    (letter,) = sqs.receive_message(
        QueueUrl=site.outputs["dead_letters"], MessageAttributeNames=["All"]
    )["Messages"]
    reason = letter["MessageAttributes"]["Reason"]["StringValue"]
    assert reason == "version 99 of a job is unknown: known is 1"
