"""The table of statistics: a counter for each minute, a marker for each event."""

import random
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from pydantic import Field

from analytics.logic import Counted, Pending, counters
from shared.attributes import to_item
from shared.aws import client
from shared.environment import Environment
from shared.observability import count

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

# A transaction has 100 actions: a marker for each event, and a counter for each of their minutes.
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
MOST_EVENTS = 40
ATTEMPTS = 5
KNOWN = "ConditionalCheckFailed"
FIRST_WAIT_SECONDS = 0.05
# Longer than an archive of a year, from which events may be replayed.
MARKER_SECONDS = 400 * 24 * 3_600


class Statistics(Environment):
    """Where statistics are kept."""

    table_name: str = Field(alias="STATISTICS_TABLE_NAME")


statistics = Statistics.read()
dynamodb = client("dynamodb")


def add(events: Pending, *, keep: bool) -> Pending:
    """Count events, each once for ever; with `keep` only as many as fill transactions.

    Returns what was kept.

    Raises:
        ClientError: when other transactions are in the way, after some attempts.
    """
    # Sorted, so that events of a minute are counted together.
    markers = sorted(events, key=lambda marker: events[marker].minute)
    kept = len(markers) % MOST_EVENTS if keep else 0
    now = markers[: len(markers) - kept]
    for first in range(0, len(now), MOST_EVENTS):
        _add_once({marker: events[marker] for marker in now[first : first + MOST_EVENTS]})
    return {marker: events[marker] for marker in markers[len(now) :]}


def _add_once(events: Pending) -> None:
    """Count those of some events that were not counted before, all in one transaction."""
    left, conflicts = dict(events), 0
    while left:
        try:
            _write([*left.values()])
            break
        except dynamodb.exceptions.TransactionCanceledException as error:
            known = _known(left, error)
            for marker in known:
                del left[marker]
            conflicts += not known
            if conflicts == ATTEMPTS:
                raise
        if not known:
            time.sleep(random.uniform(0, FIRST_WAIT_SECONDS * 2**conflicts))  # noqa: S311
    count("EventsCounted", len(left))
    count("EventsRepeated", len(events) - len(left))


def _write(events: Sequence[Counted]) -> None:
    markers = [_marker(event) for event in events]
    added = [_counter(minute, added) for minute, added in counters(events).items()]
    dynamodb.transact_write_items(TransactItems=[*markers, *added])


def _known(events: Pending, error: ClientError) -> list[str]:
    """Return the markers that stood before; a transaction that lost to another has none."""
    response: Mapping[str, Any] = {**error.response}
    # The reasons stand in the order of the actions, of which the markers are the first.
    reasons = zip(events, response["CancellationReasons"], strict=False)
    return [marker for marker, reason in reasons if reason["Code"] == KNOWN]


def _marker(event: Counted) -> "TransactWriteItemTypeDef":
    item = {"id": event.marker, "expires_at": int(time.time()) + MARKER_SECONDS}
    return {
        "Put": {
            "TableName": statistics.table_name,
            "Item": to_item(item),
            "ConditionExpression": "attribute_not_exists(id)",
        }
    }


def _counter(minute: str, added: Mapping[str, int]) -> "TransactWriteItemTypeDef":
    numbered = dict(enumerate(added))
    return {
        "Update": {
            "TableName": statistics.table_name,
            "Key": to_item({"id": minute}),
            "UpdateExpression": "ADD " + ", ".join(f"#n{n} :v{n}" for n in numbered),
            "ExpressionAttributeNames": {f"#n{n}": name for n, name in numbered.items()},
            "ExpressionAttributeValues": to_item(
                {f":v{n}": added[name] for n, name in numbered.items()}
            ),
        }
    }
