"""Files as partners upload them, and their reports."""

import itertools
import json
from types import ModuleType
from typing import Any
from urllib.parse import quote_plus

from mypy_boto3_s3 import S3Client

from tests.lambdas.builders import CONTEXT, CUSTOMER, PAYMENT_TOKEN, REGION, UPLOADS, Context

COLUMNS = "reference,customer_id,sku,quantity,unit_price,currency,payment_token"


def row(number: int = 1, **changes: object) -> str:
    cells = {
        "reference": f"ref-{number}",
        "customer_id": CUSTOMER,
        "sku": "tea-green",
        "quantity": 1,
        "unit_price": 450,
        "currency": "EUR",
        "payment_token": PAYMENT_TOKEN,
        **changes,
    }
    return ",".join(map(str, cells.values()))


def csv(*rows: str, header: str = COLUMNS, end: str = "\n") -> bytes:
    return "".join(line + end for line in (header, *rows)).encode()


_sequence = itertools.count(0x0055AED6DCD90281)


def uploaded(key: str = "imports/batch.csv") -> dict[str, Any]:
    """Return the event of an upload; each has a sequencer of its own."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": "2026-11-24T10:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AROAEXAMPLE:partner"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "uploads-upload",
            "bucket": {"name": UPLOADS, "arn": f"arn:aws:s3:::{UPLOADS}"},
            "object": {
                "key": quote_plus(key),
                "size": 1_024,
                "sequencer": f"{next(_sequence):016X}",
            },
        },
    }
    return {"Records": [record]}


def imported(
    imports: ModuleType, s3: S3Client, content: bytes, context: Context = CONTEXT
) -> dict[str, Any]:
    """Upload a file and return its report."""
    s3.put_object(Bucket=UPLOADS, Key="imports/batch.csv", Body=content)
    [started] = imports.start(uploaded(), context)["imports"]
    assert started["report"] == "reports/batch.json"
    return report(s3)


def report(s3: S3Client, key: str = "reports/batch.json") -> dict[str, Any]:
    found: dict[str, Any] = json.load(s3.get_object(Bucket=UPLOADS, Key=key)["Body"])
    return found
