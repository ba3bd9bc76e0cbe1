"""Containers of the orders system: from zero and back, and a task that runs by night."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.customers import sign_in
from local.demo import upload
from tests.e2e.conftest import Deployed
from tests.e2e.polling import until

pytestmark = pytest.mark.local


def tasks(deployed: Deployed) -> tuple[int, int]:
    """Return how many tasks the importer should have, and how many run."""
    ecs = deployed.client("ecs")
    (cluster,) = ecs.list_clusters()["clusterArns"]
    arns = ecs.list_services(cluster=cluster)["serviceArns"]
    (service,) = ecs.describe_services(cluster=cluster, services=arns)["services"]
    return service["desiredCount"], service["runningCount"]


def job(deployed: Deployed, file: str) -> dict[str, Any]:
    """Return the record of the job that imported a file."""
    found = [each for each in deployed.items("jobs_table_name") if file in each["job_id"]["S"]]
    (only,) = found
    return only


def test_a_job_in_the_queue_starts_a_task_and_an_empty_queue_ends_it(deployed: Deployed) -> None:
    until(lambda: tasks(deployed) == (0, 0))
    customer = sign_in(deployed.stage.endpoint, deployed.outputs)
    report, _ = upload.show(
        deployed.stage.endpoint, deployed.outputs, customer, 20, run_on="service"
    )
    assert report["placed"] == 20
    done = job(deployed, report["file"])
    decision = json.loads(done["decision"]["S"])
    assert (decision["where"], decision["overridden"]) == ("service", True)
    assert done["status"]["S"] == "DONE"
    until(lambda: tasks(deployed) == (0, 0))


def test_by_night_a_task_compares_imports_with_orders(deployed: Deployed) -> None:
    stepfunctions = deployed.client("stepfunctions")
    started = stepfunctions.start_execution(
        stateMachineArn=deployed.outputs["reconciliation_arn"], input="{}"
    )

    def status() -> str:
        found = stepfunctions.describe_execution(executionArn=started["executionArn"])
        return str(found["status"])

    until(lambda: status() != "RUNNING")
    assert status() == "SUCCEEDED"
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    body = deployed.client("s3").get_object(
        Bucket=deployed.outputs["uploads_bucket_name"],
        Key=f"reports/reconciliation/{yesterday}.json",
    )["Body"]
    assert json.loads(body.read())["differences"] == 0
