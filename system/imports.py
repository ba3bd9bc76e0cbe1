"""Orders by upload: a partner's CSV file becomes orders, and a report of what was refused."""

from collections.abc import Sequence

from components.compute.over_limit_job import OverLimitJob, OverLimitJobArgs
from components.compute.repository import Repository, RepositoryArgs
from components.core.links import Link
from components.data.bucket import Bucket, BucketArgs, LifecycleRule, Upload
from components.data.table import Table
from system.context import Context

# Uploads and reports are of use for as long as somebody may ask about them.
KEPT_DAYS = 90


class Imports:
    """Bucket → asynchronous function → orders, by the code of `POST /orders`, or → the queue.

    In the queue are the uploads that are over the limits of a function.
    """

    def __init__(self, context: Context, orders: Table) -> None:
        settings = context.settings
        size = settings.functions.start_import
        self.uploads = Bucket(
            "uploads",
            BucketArgs(
                account=context.account,
                lifecycle=[LifecycleRule(expire_days=KEPT_DAYS, noncurrent_days=KEPT_DAYS)],
                access_logs=settings.access_logs,
                protect=settings.protect,
                force_destroy=not settings.protect,
                key=context.key,
            ),
            context.opts,
        )
        self.job = OverLimitJob(
            "imports",
            OverLimitJobArgs(function_size=size, protect=settings.protect, key=context.key),
            context.opts,
        )
        files = (self.uploads.reader("imports/*"), self.uploads.writer("reports/*"))
        placing = (*files, orders.writer("PutItem", "PartiQLInsert"))
        self.pace = {"IMPORT_ROWS_PER_SECOND": str(settings.importer.rows_per_second)}
        self.worker: Sequence[Link] = (self.job.worker(), *placing)
        reading = orders.reader("BatchGetItem")
        self.comparing: Sequence[Link] = (self.job.reader(), *files, reading)
        self.start = context.function(
            "start-import",
            "imports.handler.start",
            size,
            self.job.submitter(),
            *placing,
            environment=self.pace,
        )
        self.uploads.on_upload(Upload(target=self.start, prefix="imports/", suffix=".csv"))
        # Made before there is an image in it.
        self.repository = Repository("importer", RepositoryArgs(key=context.key), context.opts)
