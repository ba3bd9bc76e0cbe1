"""Imports what partners upload."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from imports import logic, placing, store
from imports.errors import FileRefusedError
from imports.models import Report
from shared.observability import count, entry_point, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

UPLOADS, REPORTS = "imports/", "reports/"


@entry_point
def start(event: Mapping[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Import each uploaded file and write its report.

    What throttles or does not answer fails the function, and Lambda repeats the event: the orders
    that stand by then are found again.
    """
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    keys = [unquote_plus(record["s3"]["object"]["key"]) for record in event["Records"]]
    return {"reports": [_import(key, context.get_remaining_time_in_millis) for key in keys]}


def _import(key: str, remaining_ms: Callable[[], int]) -> str:
    report = Report(file=key)
    try:
        with store.opened(key) as file:
            placing.place_all(report, logic.rows(file), remaining_ms)
    except FileRefusedError as error:
        report.error = str(error)
    name = f"{REPORTS}{key.removeprefix(UPLOADS).removesuffix('.csv')}.json"
    store.write_report(name, report.document())
    count("OrdersPlaced", report.placed - report.repeated)
    count("RowsRefused", report.refused)
    document = report.document()
    del document["errors"]
    logger.info("imported", extra={"report": document})
    return name
