"""What the workflow asks of the review, and what reviewers send."""

from typing import Any

from tests.lambdas.builders import CUSTOMER, http_event

REVIEWS = "reviews-table"
SECONDS = 3 * 24 * 60 * 60
VARIABLES = {"REVIEWS_TABLE_NAME": REVIEWS, "REVIEW_SECONDS": str(SECONDS)}
TOKEN = "token-1"
ORDER = "0a4b6c5e-7f1c-5d1e-9d6c-000000000001"
REVIEWER = "5f0b6f0a-1111-4222-8333-0a0b0c0d0e0f"


def asked(token: str = TOKEN, *, order_id: str = ORDER) -> dict[str, Any]:
    """Return the input of the durable function."""
    return {
        "order_id": order_id,
        "customer_id": CUSTOMER,
        "total": 178_000,
        "currency": "EUR",
        "token": token,
    }


def reviewer_event(
    method: str = "GET",
    path: str = "/reviews",
    *,
    groups: object = "[reviewers]",
    customer: str | None = REVIEWER,
    **more: Any,
) -> dict[str, Any]:
    """Return a request of somebody in groups."""
    event = http_event(method, path, customer=customer, **more)
    if customer and groups is not None:
        event["requestContext"]["authorizer"]["jwt"]["claims"]["cognito:groups"] = groups
    return event


def decision_event(verb: str, order_id: str = ORDER, **more: Any) -> dict[str, Any]:
    """Return a POST /reviews/{order_id}/approve or reject."""
    path = f"/reviews/{order_id}/{verb}"
    return reviewer_event("POST", path, pathParameters={"order_id": order_id}, **more)
