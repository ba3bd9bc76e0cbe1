import pytest

from tests.lambdas.review.requests import VARIABLES
from tests.lambdas.test_cold_start import start

UNUSED = ("ORDERS_TABLE_NAME", "ORDERS_BUS_NAME")
TABLE = {"REVIEWS_TABLE_NAME": VARIABLES["REVIEWS_TABLE_NAME"]}


def test_the_function_that_waits_starts_with_its_table_and_its_time() -> None:
    started = start("import review.handler", *UNUSED, **VARIABLES)
    assert started.returncode == 0, started.stderr


def test_the_api_of_reviewers_starts_with_the_table_and_without_what_only_waiting_needs() -> None:
    started = start("import review.api, sys; print(*sys.modules)", *UNUSED, **TABLE)
    assert started.returncode == 0, started.stderr
    heavy = {"boto3", "aws_durable_execution_sdk_python", "aws_xray_sdk"}
    assert not heavy & set(started.stdout.split())


@pytest.mark.parametrize(
    ("module", "wrong"),
    [
        ("review.api", {"REVIEWS_TABLE_NAME": ""}),
        ("review.handler", {"REVIEWS_TABLE_NAME": ""}),
        ("review.handler", {"REVIEW_SECONDS": ""}),
        ("review.handler", {"REVIEW_SECONDS": "0"}),
        ("review.handler", {"REVIEW_SECONDS": "100000000"}),
        ("review.handler", {"REVIEW_SECONDS": "soon"}),
    ],
)
def test_a_variable_that_is_missing_or_wrong_fails_the_cold_start_by_name(
    module: str, wrong: dict[str, str]
) -> None:
    failed = start(f"import {module}", **{**VARIABLES, **wrong})
    assert failed.returncode == 1
    last = failed.stderr.splitlines()[-1]
    assert last.endswith(f"environment variables missing or wrong: {next(iter(wrong))}")
