import pytest

from tests.lambdas.builders import VARIABLES as COMMON
from tests.lambdas.fulfilment.names import VARIABLES
from tests.lambdas.test_cold_start import start

NEEDS = {
    "fulfilment.payment": {"ORDERS_TABLE_NAME", "PAYMENTS_TABLE_NAME"},
    "fulfilment.refund": {"PAYMENTS_TABLE_NAME"},
    "fulfilment.stock": {"INVENTORY_TABLE_NAME", "RESERVATIONS_TABLE_NAME"},
}
TABLES = {**VARIABLES, "ORDERS_TABLE_NAME": COMMON["ORDERS_TABLE_NAME"]}


@pytest.mark.parametrize("module", NEEDS)
def test_a_task_starts_with_the_tables_that_it_uses_and_no_others(module: str) -> None:
    given = {name: TABLES[name] for name in NEEDS[module]}
    started = start(f"import {module}, sys; print(*sys.modules)", *TABLES, **given)
    assert started.returncode == 0, started.stderr
    assert not {"boto3", "s3transfer", "aws_xray_sdk"} & set(started.stdout.split())


@pytest.mark.parametrize(
    ("module", "missing"), [(module, name) for module in NEEDS for name in sorted(NEEDS[module])]
)
def test_a_missing_table_fails_the_cold_start_by_name(module: str, missing: str) -> None:
    failed = start(f"import {module}", missing, **{**VARIABLES, missing: ""})
    assert failed.returncode == 1
    last = failed.stderr.splitlines()[-1]
    assert last.endswith(f"environment variables missing or wrong: {missing}")
