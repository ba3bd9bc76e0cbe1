"""Imports what partners upload, or has it imported where there is room for it."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote_plus

from imports import store
from imports.errors import FileRefusedError
from imports.job import ImportJob, report_name, write_refusal
from shared.jobs.decision import Place
from shared.jobs.start import start as start_job
from shared.observability import entry_point

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

JOB = ImportJob()


@entry_point
def start(event: Mapping[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Start the import of each uploaded file: here, or on the service when it is over the limits.

    What throttles or does not answer fails the function, and Lambda repeats the event: an import
    that has begun goes on.
    """
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    uploads = [record["s3"]["object"] for record in event["Records"]]
    return {"imports": [_start(each, context.get_remaining_time_in_millis) for each in uploads]}


def _start(uploaded: Mapping[str, Any], remaining_ms: Callable[[], int]) -> dict[str, Any]:
    key = unquote_plus(uploaded["key"])
    where = "nowhere"
    try:
        found = store.find(key)
        # S3 tells of an upload at least once, each time with the same sequencer.
        job_id = f"{key}@{uploaded['sequencer']}"
        run_on = _place(found.run_on)
        where = start_job(JOB, found.upload, job_id, remaining_ms, run_on).where
    except FileRefusedError as error:
        write_refusal(key, error)
    return {"file": key, "where": where, "report": report_name(key)}


def _place(run_on: str | None) -> Place | None:
    if run_on in (None, "function", "service"):
        return cast("Place | None", run_on)
    raise FileRefusedError(f"run-on is {run_on!r}: allowed is 'function', 'service'")
