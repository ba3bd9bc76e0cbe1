"""What is compared: the imports that ended on a day, and the orders of their rows."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imports import logic
from imports import store as files
from imports.job import ImportJob
from imports.models import Row, Upload
from shared.attributes import from_item, to_item
from shared.jobs import records
from shared.orders_table import dynamodb, table

INDEX = "by_end"
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
MOST_KEYS = 100
ATTRIBUTES = ("order_id", "status", "request_hash", "open_since", "ended_at")


@dataclass(frozen=True, kw_only=True)
class Ended:
    """An import that was done, with what it counted."""

    job_id: str
    upload: Upload
    counts: dict[str, int]


def ended(day: str) -> Iterator[Ended]:
    """Yield the imports that were done on a day, in UTC."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=records.jobs.table_name,
        IndexName=INDEX,
        KeyConditionExpression="ended_on = :day",
        ExpressionAttributeValues=to_item({":day": day}),
    )
    for item in (from_item(each) for page in pages for each in page["Items"]):
        if item["kind"] == ImportJob.kind and item["status"] == "DONE":
            upload = Upload.model_validate(json.loads(item["request"]))
            yield Ended(job_id=item["job_id"], upload=upload, counts=item.get("counts", {}))


def rows(upload: Upload) -> Iterator[tuple[int, Row]]:
    """Yield the good rows of a file, with their numbers.

    Raises:
        FileRefusedError: for a file that is none, or is there no longer.
    """
    with files.opened(upload) as file:
        for read in logic.rows(file):
            if isinstance(read.row, Row):
                yield read.number, read.row


def orders(ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what there is of up to 100 orders."""
    found: dict[str, dict[str, Any]] = {}
    wanted: Iterable[Any] = [to_item({"order_id": each}) for each in dict.fromkeys(ids)]
    while wanted:
        request: Any = {
            table.name: {
                "Keys": wanted,
                "ConsistentRead": True,
                "ProjectionExpression": ", ".join(f"#{name}" for name in ATTRIBUTES),
                "ExpressionAttributeNames": {f"#{name}": name for name in ATTRIBUTES},
            }
        }
        answer = dynamodb.batch_get_item(RequestItems=request)
        for item in map(from_item, answer["Responses"].get(table.name, [])):
            found[item["order_id"]] = item
        left: Mapping[str, Any] = answer.get("UnprocessedKeys", {})
        wanted = left[table.name]["Keys"] if left else []
    return found
