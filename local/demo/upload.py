"""An upload of many orders, some of them with mistakes."""

import csv
import io
import json
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from local.aws import client
from local.customers import Customer
from local.errors import LocalError

COLUMNS = (
    *("reference", "customer_id", "sku", "quantity"),
    *("unit_price", "currency", "payment_token"),
)
EACH_BAD = 100
SECONDS = 900


def rows(count: int, customer_id: str, batch: str, each_bad: int = EACH_BAD) -> str:
    """Return a CSV document; every so-manieth row has a quantity that is no number."""
    document = io.StringIO()
    writer = csv.writer(document)
    writer.writerow(COLUMNS)
    for number in range(1, count + 1):
        quantity = "many" if number % each_bad == 0 else "1"
        reference = f"{batch}-{number}"
        writer.writerow([reference, customer_id, "tea-green", quantity, "450", "EUR", "tok_visa"])
    return document.getvalue()


def show(
    endpoint: str,
    outputs: Mapping[str, Any],
    customer: Customer,
    count: int,
    run_on: Literal["function", "service"] = "function",
) -> tuple[dict[str, Any], Counter[str]]:
    """Upload so many rows, and return the import's report and how its orders ended.

    `run_on` overrules what the size of the file says.

    Raises:
        LocalError: when the report does not come, or orders do not end.
    """
    s3, bucket = client(endpoint, "s3"), outputs["uploads_bucket_name"]
    batch = uuid.uuid4().hex[:12]
    known = {order["order_id"] for order in _orders(customer)}
    s3.put_object(
        Bucket=bucket,
        Key=f"imports/{batch}.csv",
        Body=rows(count, customer.customer_id, batch).encode(),
        Metadata={"run-on": run_on},
    )
    report = _report(s3, bucket, f"reports/{batch}.json")
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        ends = Counter(o["status"] for o in _orders(customer) if o["order_id"] not in known)
        if ends.total() == report["placed"] and not ends["PLACED"]:
            return report, ends
        time.sleep(1)
    raise LocalError(f"orders of the upload have not ended ({dict(ends)}): see `make logs`")


def _report(s3: Any, bucket: str, key: str) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if s3.list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount"):
            report: dict[str, Any] = json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])
            return report
        time.sleep(0.5)
    raise LocalError("the upload was not imported: see `make logs start-import`")


def _orders(customer: Customer) -> list[dict[str, Any]]:
    """Return all orders of a customer, page by page through the front door."""
    found: list[dict[str, Any]] = []
    query = {"limit": "100"}
    while True:
        page = customer.call("GET", "/orders", params=query)
        found += page["orders"]
        if not page["next_cursor"]:
            return found
        query["cursor"] = page["next_cursor"]
