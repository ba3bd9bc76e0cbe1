"""An import as a job: the same in a function and in a container."""

from typing import Annotated

from pydantic import Field

from imports import logic, placing, store
from imports.errors import FileGoneError, FileRefusedError, FileReplacedError
from imports.models import Report, Upload
from shared.environment import Environment
from shared.jobs.decision import Estimate
from shared.jobs.errors import JobRefusedError
from shared.jobs.job import Progress
from shared.observability import count, logger

UPLOADS, REPORTS = "imports/", "reports/"
# The least that a row of a real file has; fewer would be taken for less work than it is.
BYTES_PER_ROW = 40
# Reading, checking and writing a row, on a whole CPU, which a function has at 1,769 MB:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
CPU_SECONDS_PER_ROW = 0.001
WHOLE_CPU_MB = 1_769
# Whatever the file: a range of it, the rows that wait, and what is imported.
MEMORY_MB = 100


class Rate(Environment):
    """How many orders one import places in a second.

    What follows an order is slower than the table: Step Functions starts some hundred workflows a
    second in an account, and those of the customers at the front door are among them.
    """

    rows_per_second: Annotated[float, Field(alias="IMPORT_ROWS_PER_SECOND", gt=0)] = 200


rate = Rate.read()


class ImportJob:
    """Places the orders of an uploaded file, and writes its report."""

    kind = "import"
    request = Upload

    def estimate(self, request: Upload, memory_mb: int) -> Estimate:
        """Tell what an import needs, by the size of its file."""
        cpu_seconds = CPU_SECONDS_PER_ROW * max(1, WHOLE_CPU_MB / memory_mb)
        seconds = request.size / BYTES_PER_ROW * max(cpu_seconds, 1 / rate.rows_per_second)
        return Estimate(seconds=seconds, memory_mb=MEMORY_MB)

    def run(self, request: Upload, progress: Progress) -> dict[str, int]:
        """Import a file from where it was left, and report on the whole of it.

        Raises:
            JobRefusedError: when the file is there no longer.
        """
        begun = progress.checkpoint
        report = Report.restored(request.key, begun)
        pace = placing.Pace(rate.rows_per_second)
        try:
            with store.opened(request) as file:
                rows = logic.rows(file, report.rows, begun.position)
                placing.place_all(report, rows, progress, pace)
        except FileReplacedError as error:
            raise JobRefusedError(str(error)) from error
        except FileGoneError as error:
            write_refusal(request.key, error)
            raise JobRefusedError(str(error)) from error
        except FileRefusedError as error:
            report.error = str(error)
        _write(report)
        return report.counts


def report_name(key: str) -> str:
    """Return where the report on a file is found."""
    return f"{REPORTS}{key.removeprefix(UPLOADS).removesuffix('.csv')}.json"


def write_refusal(key: str, error: FileRefusedError) -> None:
    """Report on a file that was not imported."""
    _write(Report(file=key, error=str(error)))


def _write(report: Report) -> None:
    document = report.document()
    store.write_report(report_name(report.file), document)
    count("OrdersPlaced", report.placed - report.repeated)
    count("RowsRefused", report.refused)
    del document["errors"]
    logger.info("imported", extra={"report": document})
