"""The outbox: what happens to the orders of the table goes on the bus, at least once."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field

from orders.changes import UnreadableRecordError, event_of, without_secrets
from shared.aws import client
from shared.dead_letters import DeadLetters
from shared.environment import Environment
from shared.observability import count, entry_point, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
# The largest order makes some 12 KB, so ten of them are within the limit of bytes.
MOST_ENTRIES = 10
Record: TypeAlias = Mapping[str, Any]


class Places(Environment):
    """Where events go, and what can be none."""

    bus_name: str = Field(alias="ORDERS_BUS_NAME")
    dead_letters_url: str = Field(alias="PUBLISH_ORDERS_DEAD_LETTERS_QUEUE_URL")


places = Places.read()
events = client("events")
dead_letters = DeadLetters(places.dead_letters_url)


@entry_point
def publish(event: Mapping[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Publish what happened; from the first record that fails on, Lambda delivers them again."""
    records: Sequence[Record] = event["Records"]
    for first in range(0, len(records), MOST_ENTRIES):
        failed = _publish(records[first : first + MOST_ENTRIES])
        if failed is not None:
            count("RecordsFailed")
            number = failed["dynamodb"]["SequenceNumber"]
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}


def _publish(records: Sequence[Record]) -> Record | None:
    """Publish some records, and return the first that failed."""
    entries: dict[int, PutEventsRequestEntryTypeDef] = {}
    unreadable: dict[int, str] = {}
    for index, record in enumerate(records):
        try:
            if event := event_of(record):
                entries[index] = event.entry(places.bus_name)
        except UnreadableRecordError as error:
            unreadable[index] = str(error)
    failed = _put(entries, records) if entries else None
    for index, reason in unreadable.items():
        # What stands behind a failure comes again, and is put away then.
        if (failed is None or index < failed) and not _put_away(records[index], reason):
            return records[index]
    return None if failed is None else records[failed]


def _put(
    entries: Mapping[int, "PutEventsRequestEntryTypeDef"], records: Sequence[Record]
) -> int | None:
    """Put the entries of records on the bus, and return the first record that was not taken."""
    try:
        answer = events.put_events(Entries=[*entries.values()])
    except (BotoCoreError, ClientError) as error:
        first = min(entries)
        _log_failure(records[first], f"the bus cannot be reached: {error}")
        return first
    results = zip(entries, answer["Entries"], strict=True)
    refused = {index: result for index, result in results if "ErrorCode" in result}
    for index, result in refused.items():
        _log_failure(records[index], f"the bus refused the event: {result}")
    count("EventsPublished", len(entries) - len(refused))
    return min(refused, default=None)


def _put_away(record: Record, reason: str) -> bool:
    try:
        dead_letters.put(without_secrets(record), reason)
    except (BotoCoreError, ClientError) as error:
        _log_failure(record, f"the record cannot be put away: {error}")
        return False
    return True


def _log_failure(record: Record, reason: str) -> None:
    number = record["dynamodb"]["SequenceNumber"]
    logger.error("not published", extra={"sequence_number": number, "reason": reason})
