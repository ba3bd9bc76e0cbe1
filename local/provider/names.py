"""The physical names that Check fills in: the logical name and a suffix."""

import hashlib
from typing import Any

from local.provider.wire import Properties

# The property that names a type, where it is another than `name`.
PROPERTIES = {
    "aws:cloudwatch/eventTarget:EventTarget": "targetId",
    "aws:lambda/layerVersion:LayerVersion": "layerName",
    "aws:lambda/permission:Permission": "statementId",
    "aws:s3/bucket:Bucket": "bucket",
}
LONGEST = {
    "aws:cloudwatch/eventArchive:EventArchive": 48,
    "aws:cloudwatch/eventRule:EventRule": 64,
    "aws:iam/role:Role": 64,
    "aws:lambda/function:Function": 64,
    "aws:sqs/queue:Queue": 80,
}
SUFFIX = 7


def named(
    token: str, logical: str, seed: bytes, news: Properties, olds: Properties, inputs: Any
) -> Properties:
    """Return the name to add to the inputs; an update keeps the name that there is."""
    key = PROPERTIES.get(token, "name")
    if key not in inputs or key in news:
        return {}
    prefix = news.get(f"{key}Prefix")
    if key in olds and prefix == olds.get(f"{key}Prefix"):
        return {key: olds[key]}
    suffix = hashlib.sha256(seed + logical.encode()).hexdigest()[:SUFFIX]
    ending = ".fifo" if news.get("fifoQueue") or news.get("fifoTopic") else ""
    if prefix is not None:
        return {key: f"{prefix}{suffix}{ending}"}
    length = LONGEST.get(token, 255) - SUFFIX - 1 - len(ending)
    return {key: f"{logical[:length]}-{suffix}{ending}"}
