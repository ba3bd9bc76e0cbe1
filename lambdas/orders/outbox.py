"""The outbox: each order of the table's stream becomes an event on the bus, at least once."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field

from orders.models import Order
from shared.attributes import from_item
from shared.aws import client
from shared.environment import Environment
from shared.events import OrderPlaced
from shared.observability import count, entry_point, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
# The largest order makes some 12 KB, so ten of them are within the limit of bytes.
MOST_ENTRIES = 10


class Bus(Environment):
    """Where events go."""

    name: str = Field(alias="ORDERS_BUS_NAME")


bus = Bus.read()
events = client("events")


@entry_point
def publish(event: Mapping[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Publish the new orders; from the first that fails on, Lambda delivers the records again."""
    records = [record for record in event["Records"] if record["eventName"] == "INSERT"]
    for first in range(0, len(records), MOST_ENTRIES):
        failed = _publish(records[first : first + MOST_ENTRIES])
        if failed is not None:
            count("RecordsFailed")
            number = failed["dynamodb"]["SequenceNumber"]
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}


def _publish(records: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Publish some records, and return the first that failed."""
    entries: list[PutEventsRequestEntryTypeDef] = []
    for record in records:
        try:
            entries.append(_entry(record))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            _log_failure(record, f"the record cannot be read: {error!r}")
            break
    put = _put(entries, records) if entries else 0
    return records[put] if put < len(records) else None


def _entry(record: Mapping[str, Any]) -> "PutEventsRequestEntryTypeDef":
    order = Order.model_validate(from_item(record["dynamodb"]["NewImage"]))
    placed = OrderPlaced.model_validate(order.model_dump(exclude={"version"}))
    return placed.entry(bus.name, placed.placed_at)


def _put(
    entries: Sequence["PutEventsRequestEntryTypeDef"], records: Sequence[Mapping[str, Any]]
) -> int:
    """Put entries on the bus, and return how many were taken before the first that was not."""
    try:
        answer = events.put_events(Entries=entries)
    except (BotoCoreError, ClientError) as error:
        _log_failure(records[0], f"the bus cannot be reached: {error}")
        return 0
    refused = [index for index, entry in enumerate(answer["Entries"]) if "ErrorCode" in entry]
    for index in refused:
        _log_failure(records[index], f"the bus refused the event: {answer['Entries'][index]}")
    count("OrdersPublished", len(entries) - len(refused))
    return min(refused, default=len(entries))


def _log_failure(record: Mapping[str, Any], reason: str) -> None:
    number = record["dynamodb"]["SequenceNumber"]
    logger.error("not published", extra={"sequence_number": number, "reason": reason})
