"""Adds order events to the statistics."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field

from analytics import logic, store
from shared.dead_letters import DeadLetters
from shared.environment import Environment
from shared.observability import count, entry_point, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


class Places(Environment):
    """Where unreadable events go."""

    dead_letters_url: str = Field(alias="ANALYTICS_DEAD_LETTERS_QUEUE_URL")


dead_letters = DeadLetters(Places.read().dead_letters_url)


@entry_point
def aggregate(event: Mapping[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Count the events of a batch; in a window, most of them together with those of other batches.

    What fails is tried again from the first record on, with the state as it was: what was written
    by then is not counted twice. Where there are no windows, nothing is kept.
    """
    # https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
    final = event.get("isFinalInvokeForWindow", False)
    before: Mapping[str, str] = event.get("state") or {}
    readable, unreadable = logic.read(event["Records"])
    events = logic.pending([*logic.read_state(before), *readable])
    try:
        kept = store.add(events, keep="window" in event and not final)
        for body, reason in unreadable:
            dead_letters.put(body, reason)
    except (BotoCoreError, ClientError):
        # The last call of a window must fail as a whole: its state goes with it.
        if final or not event["Records"]:
            raise
        logger.exception("not counted")
        count("BatchesFailed")
        first = event["Records"][0]["kinesis"]["sequenceNumber"]
        return {"state": before, "batchItemFailures": [{"itemIdentifier": first}]}
    return {"state": logic.state(kept), "batchItemFailures": []}
