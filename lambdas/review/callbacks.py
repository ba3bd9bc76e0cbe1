"""The callbacks that durable executions wait for."""

import json
from functools import cache
from typing import TYPE_CHECKING

from review.models import Review
from shared.aws import busy_when_throttled, client
from shared.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


@cache
def durable() -> "LambdaClient":
    """Make the client when it is needed: listing reviews is not."""
    return client("lambda")


@busy_when_throttled()
def send(review: Review) -> None:
    """Wake each execution that waits for a decision; those that are awake stay so."""
    exceptions = durable().exceptions
    decision = {"status": review.status, "reviewer": review.reviewer}
    for callback_id in sorted(review.callbacks):
        try:
            durable().send_durable_execution_callback_success(
                CallbackId=callback_id, Result=json.dumps(decision).encode()
            )
        except (
            exceptions.CallbackTimeoutException,
            exceptions.ResourceNotFoundException,
        ) as error:
            reason = type(error).__name__
            logger.info("nobody waits for this callback", extra={"reason": reason})
