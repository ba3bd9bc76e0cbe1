import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lambdas.builders import VARIABLES

LAMBDAS = Path(__file__).parents[2] / "lambdas"
USES = {
    "analytics.handler": ["STATISTICS_TABLE_NAME", "ANALYTICS_DEAD_LETTERS_QUEUE_URL"],
    "imports.handler": [
        *("ORDERS_TABLE_NAME", "UPLOADS_BUCKET_NAME"),
        *("JOBS_TABLE_NAME", "JOB_QUEUE_URL", "JOB_LIMITS"),
    ],
    "notifications.handler": ["DELIVERIES_TABLE_NAME", "NOTIFICATIONS_DEAD_LETTERS_QUEUE_URL"],
    "orders.handler": ["ORDERS_TABLE_NAME"],
    "orders.outbox": ["ORDERS_BUS_NAME", "PUBLISH_ORDERS_DEAD_LETTERS_QUEUE_URL"],
    "orders.routes": [],
    "shipping.handler": ["DELIVERIES_TABLE_NAME", "SHIPPING_DEAD_LETTERS_QUEUE_URL"],
}
EVERY = ["POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"]
ADDRESSES = ("_NAME", "_URL")


def start(statement: str, *without: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a statement in a fresh process, with the variables of a function."""
    variables = {name: value for name, value in VARIABLES.items() if name not in without}
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", statement],
        env={**variables, "PYTHONPATH": str(LAMBDAS), "PYTHONDONTWRITEBYTECODE": "1", **more},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "variable"),
    [(module, variable) for module, used in USES.items() for variable in [*used, *EVERY]],
)
def test_a_missing_variable_fails_the_cold_start_by_name(module: str, variable: str) -> None:
    missing = start(f"import {module}", variable, SOME_TOKEN="hunter2")
    empty = start(f"import {module}", **{variable: ""})
    for failed in (missing, empty):
        assert failed.returncode == 1
        last = failed.stderr.splitlines()[-1]
        assert last.endswith(f"environment variables missing or wrong: {variable}")
    assert "hunter2" not in missing.stderr


@pytest.mark.parametrize("module", USES)
def test_a_function_needs_only_what_it_uses(module: str) -> None:
    used = {*USES[module], *EVERY}
    unused = [name for name in VARIABLES if name.endswith(ADDRESSES) and name not in used]
    assert start(f"import {module}", *unused).returncode == 0


@pytest.mark.parametrize("module", USES)
def test_a_cold_start_imports_nothing_heavy(module: str) -> None:
    started = start(f"import {module}, sys; print(*sys.modules)")
    heavy = {"boto3", "s3transfer", "aws_xray_sdk", "aws_lambda_powertools.utilities.batch"}
    assert not heavy & set(started.stdout.split())


def test_the_route_of_unknown_paths_imports_no_client() -> None:
    started = start("import orders.routes, sys; print(*sys.modules)")
    assert "botocore.session" not in started.stdout.split()


def test_calls_are_traced_where_lambda_names_a_daemon(tmp_path: Path) -> None:
    statement = (
        "import os; os.mkdir = os.utime = lambda *_: None\n"  # the SDK leaves a file in /tmp
        "import orders.routes\n"
        "from tests.lambdas.builders import CONTEXT, http_event\n"
        "print(orders.routes.not_found(http_event('GET', '/'), CONTEXT)['statusCode'])\n"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(10)
        started = start(
            statement,
            PYTHONPATH=f"{LAMBDAS}{os.pathsep}{LAMBDAS.parent}",
            LAMBDA_TASK_ROOT=str(tmp_path),
            AWS_XRAY_DAEMON_ADDRESS=f"127.0.0.1:{daemon.getsockname()[1]}",
            _X_AMZN_TRACE_ID="Root=1-5759e988-bd862e3fe1be46a994272793;"
            "Parent=53995c3f42cd8ad8;Sampled=1",
        )
        assert started.stdout.splitlines()[-1] == "404", started.stderr
        segment = daemon.recv(65_536).decode()
    assert '"name": "## not_found"' in segment
    assert "problem-type" not in segment


def test_the_tests_run_without_credentials_of_their_own() -> None:
    assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"
