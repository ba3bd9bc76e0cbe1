"""Orders by upload: a partner's CSV file becomes orders, and a report of what was refused."""

from components.data.bucket import Bucket, BucketArgs, LifecycleRule, Upload
from components.data.table import Table
from system.context import Context

# Uploads and reports are of use for as long as somebody may ask about them.
KEPT_DAYS = 90


class Imports:
    """Bucket → asynchronous function → orders, by the same code as `POST /orders`."""

    def __init__(self, context: Context, orders: Table) -> None:
        settings = context.settings
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
        start = context.function(
            "start-import",
            "imports.handler.start",
            settings.functions.start_import,
            self.uploads.reader("imports/*"),
            self.uploads.writer("reports/*"),
            orders.writer("PutItem"),
        )
        self.uploads.on_upload(Upload(target=start, prefix="imports/", suffix=".csv"))
