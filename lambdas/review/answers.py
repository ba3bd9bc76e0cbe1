"""The answer to the workflow, whose task waits with a token."""

import json

from review.models import Decision
from shared.aws import client
from shared.observability import logger

stepfunctions = client("stepfunctions")
WORDS: dict[Decision, str] = {"APPROVED": "approve", "REJECTED": "reject"}
# The task has ended another way: timed out, stopped, or answered by an earlier attempt.
ENDED = (
    stepfunctions.exceptions.InvalidToken,
    stepfunctions.exceptions.TaskDoesNotExist,
    stepfunctions.exceptions.TaskTimedOut,
)


def decided(token: str, decision: Decision, reviewer: str) -> None:
    """Tell the workflow what a reviewer decided."""
    output = {"decision": WORDS[decision], "reviewer": reviewer}
    try:
        stepfunctions.send_task_success(taskToken=token, output=json.dumps(output))
    except ENDED as error:
        _log(error)


def failed(token: str, error: str, cause: str) -> None:
    """Tell the workflow that there is no decision."""
    try:
        stepfunctions.send_task_failure(taskToken=token, error=error, cause=cause)
    except ENDED as ended:
        _log(ended)


def _log(error: Exception) -> None:
    logger.info("nobody waits for this answer", extra={"reason": type(error).__name__})
