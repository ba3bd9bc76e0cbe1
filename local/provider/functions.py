"""The functions of the provider that programs call."""

from collections.abc import Callable
from typing import Any

from local.provider.clients import ACCOUNT, Clients


def _caller(_aws: Clients) -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:root"
    return {"accountId": ACCOUNT, "arn": arn, "userId": ACCOUNT, "id": ACCOUNT}


def _region(aws: Clients) -> dict[str, Any]:
    name = aws.region
    return {
        "id": name,
        "name": name,
        "region": name,
        "description": name,
        "endpoint": f"ec2.{name}.amazonaws.com",
    }


def _partition(_aws: Clients) -> dict[str, Any]:
    return {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }


def _zones(aws: Clients) -> dict[str, Any]:
    names = [f"{aws.region}{letter}" for letter in "abc"]
    ids = [f"{aws.region}-az{number}" for number in (1, 2, 3)]
    return {"id": aws.region, "names": names, "zoneIds": ids, "groupNames": [aws.region]}


FUNCTIONS: dict[str, Callable[[Clients], dict[str, Any]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
}
