"""The API of reviewers."""

import json
import re
from http import HTTPStatus

from review import callbacks, store
from review.clock import now
from review.errors import AlreadyDecidedError, ReviewNotFoundError
from review.models import Decision, Review
from shared.http import Request, Response, answer, endpoint
from shared.observability import annotate, count, logger
from shared.problems import BadRequestError

REVIEWERS = "reviewers"
ORDER_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@endpoint
def list_reviews(request: Request) -> Response:
    """GET /reviews: a page of the reviews that wait, oldest first."""
    request.check_group(REVIEWERS)
    reviews, cursor = store.page(_start(request))
    document = {"reviews": [review.public() for review in reviews], "next_cursor": cursor}
    return answer(HTTPStatus.OK, json.dumps(document))


@endpoint
def approve(request: Request) -> Response:
    """POST /reviews/{order_id}/approve: let an order go on."""
    return _decide(request, "APPROVED")


@endpoint
def reject(request: Request) -> Response:
    """POST /reviews/{order_id}/reject: end an order."""
    return _decide(request, "REJECTED")


def _decide(request: Request, decision: Decision) -> Response:
    request.check_group(REVIEWERS)
    order_id = request.path_parameters["order_id"]
    review = None
    if ORDER_ID.fullmatch(order_id):
        review = store.close(order_id, decision, now(), request.customer_id)
    if review is None:
        raise ReviewNotFoundError("no review was asked for of this order")
    if review.status != decision:
        raise AlreadyDecidedError(f"this review has ended before: {review.status}")
    # Also for a decision that was there: what woke its executions may have failed then.
    callbacks.send(review)
    count(f"Reviews{decision.title()}")
    annotate("order_id", order_id)
    logger.info("decided", extra={"order_id": order_id, "decision": decision})
    return answer(HTTPStatus.OK, json.dumps(review.public()))


def _start(request: Request) -> Review | None:
    """Return the review that a page comes after: the cursor is its order's id."""
    if "cursor" not in request.query:
        return None
    cursor = request.query["cursor"]
    review = store.find(cursor) if ORDER_ID.fullmatch(cursor) else None
    if review is None:
        raise BadRequestError("cursor must be the next_cursor of an earlier answer")
    return review
