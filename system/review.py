"""The review of high-value orders: a durable function waits until a person has decided."""

from components.api.route import Route
from components.compute.durable_execution import DurableExecution
from components.data.table import Table, TableArgs
from components.data.table_index import TableIndex
from system.context import Context

DAY = 24 * 3600
HOUR = 3600


class Review:
    """A durable function, the table of what waits, and the endpoints of those who decide."""

    def __init__(self, context: Context) -> None:
        settings, sizes = context.settings, context.settings.functions
        self.days = settings.review_days
        self.reviews = Table(
            "reviews",
            TableArgs(
                partition_key="order_id",
                indexes=[
                    # Sparse: a review leaves it when it is decided.
                    TableIndex(name="waiting", partition_key="status", sort_key="waiting_since")
                ],
                protect=settings.protect,
                key=context.key,
            ),
            context.opts,
        )
        self.function = context.function(
            "review-order",
            "review.handler.review",
            sizes.review_order,
            self.reviews.writer("UpdateItem"),
            environment={"REVIEW_SECONDS": str(self.days * DAY)},
            durable=DurableExecution(execution_timeout_seconds=self.days * DAY + HOUR),
        )
        self.routes = self._routes(context)

    def _routes(self, context: Context) -> list[Route]:
        size, reviews = context.settings.functions.review_request, self.reviews
        decide = (reviews.writer("UpdateItem"), self.function.callback_sender())
        list_ = context.function(
            "list-reviews", "review.api.list_reviews", size, reviews.reader("Query", "GetItem")
        )
        approve = context.function("approve-review", "review.api.approve", size, *decide)
        reject = context.function("reject-review", "review.api.reject", size, *decide)
        return [
            Route(key="GET /reviews", function=list_),
            Route(key="POST /reviews/{order_id}/approve", function=approve),
            Route(key="POST /reviews/{order_id}/reject", function=reject),
        ]
