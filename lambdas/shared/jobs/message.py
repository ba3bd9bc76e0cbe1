"""What is sent for a job that runs elsewhere: one model for each version that is promised."""

import json
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, ValidationError

from shared.events import Part
from shared.jobs.decision import Decision
from shared.jobs.errors import JobRefusedError
from shared.problems import in_words


class JobRequested(Part):
    """A job, and why it runs where it does. Its id is the same however often it is asked for."""

    version: Literal[1] = 1
    # A partition key has 2,048 bytes at most.
    job_id: Annotated[str, Field(min_length=1, max_length=1_500)]
    kind: str
    request: dict[str, Any]
    decision: Decision
    requested_at: AwareDatetime


PROMISED: dict[int, type[JobRequested]] = {1: JobRequested}


def read(text: str) -> JobRequested:
    """Read a message.

    Raises:
        JobRefusedError: for what is no job, or of a version that is not promised.
    """
    try:
        document = json.loads(text)
    except (RecursionError, ValueError):
        document = None
    if not isinstance(document, dict):
        raise JobRefusedError("the message is no JSON object")
    version = document.get("version")
    if type(version) is not int or version not in PROMISED:
        known = ", ".join(map(str, PROMISED))
        raise JobRefusedError(f"version {version!r} of a job is unknown: known is {known}")
    try:
        return PROMISED[version].model_validate(document)
    except ValidationError as error:
        raise JobRefusedError(f"the job cannot be read: {in_words(error)}") from None
