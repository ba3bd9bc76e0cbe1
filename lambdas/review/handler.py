"""The durable function that waits for a person, and answers the workflow."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aws_durable_execution_sdk_python import (
    CallbackTimeoutError,
    DurableContext,
    DurableOperationError,
    durable_execution,
)
from aws_durable_execution_sdk_python.config import CallbackConfig, Duration, StepConfig
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy
from pydantic import Field

from review import answers, store
from review.clock import now
from review.models import Asked, Review
from shared.environment import Environment
from shared.observability import entry_point

# Some ten minutes in all, which is little against the days that a person has.
RETRIES = StepConfig(
    create_retry_strategy(
        RetryStrategyConfig(
            max_attempts=12,
            initial_delay=Duration.from_seconds(1),
            max_delay=Duration.from_minutes(5),
        )
    )
)


class Limits(Environment):
    """How long a person has to decide."""

    # https://docs.aws.amazon.com/lambda/latest/api/API_CallbackOptions.html
    seconds: int = Field(alias="REVIEW_SECONDS", ge=1, le=99_999_999)


limits = Limits.read()


@entry_point  # type: ignore[arg-type]  # the SDK has a type of its own for the same context
@durable_execution
def review(event: Mapping[str, Any], context: DurableContext) -> dict[str, Any]:
    """Wait for a decision; a step that was interrupted runs again, so each can be repeated."""
    asked = Asked.model_validate(event)
    try:
        ended = _ended(asked, context)
    except DurableOperationError:
        # The workflow need not wait for its own time-out.
        failure = "ReviewFailedError", "the review could not be made"
        context.step(lambda _: answers.failed(asked.token, *failure), "give-up", RETRIES)
        raise
    context.step(lambda _: _answer(asked.token, ended), "answer", RETRIES)
    return ended


def _ended(asked: Asked, context: DurableContext) -> dict[str, Any]:
    """Return how the review has ended, once it has."""
    timeout = CallbackConfig(Duration.from_seconds(limits.seconds))
    callback = context.create_callback("decision", timeout)
    found = context.step(
        lambda _: _outcome(store.register(asked, callback.callback_id, now())), "register", RETRIES
    )
    if found["status"] != "WAITING":
        return found
    with suppress(CallbackTimeoutError):
        callback.result()
    # The table has the decision, also one whose callback was lost; without one, it is too late.
    return context.step(
        lambda _: _outcome(store.close(asked.order_id, "EXPIRED", now())), "close", RETRIES
    )


def _outcome(found: Review | None) -> dict[str, Any]:
    if found is None:
        raise LookupError("the review is gone")
    return {"order_id": found.order_id, "status": found.status, "reviewer": found.reviewer}


def _answer(token: str, ended: Mapping[str, Any]) -> None:
    if ended["status"] == "EXPIRED":
        answers.failed(token, "ReviewTimedOutError", "nobody decided in time")
    else:
        answers.decided(token, ended["status"], ended["reviewer"])
