"""The indexes of a table, and the throughput of both."""

from collections.abc import Iterator
from typing import Any

from local.provider.wire import Properties


def throughput(of: Properties, table: Properties) -> dict[str, Any]:
    """Return the throughput of a table or an index, in the mode of the table."""
    if table.get("billingMode", "PROVISIONED") == "PROVISIONED":
        return {
            "ProvisionedThroughput": {
                "ReadCapacityUnits": of.get("readCapacity", 1),
                "WriteCapacityUnits": of.get("writeCapacity", 1),
            }
        }
    most = of.get("onDemandThroughput") or {}
    return {
        "OnDemandThroughput": {
            # The value that takes a limit back.
            "MaxReadRequestUnits": most.get("maxReadRequestUnits", -1),
            "MaxWriteRequestUnits": most.get("maxWriteRequestUnits", -1),
        }
    }


def _keys(index: Properties, table: Properties) -> list[dict[str, str]]:
    if index.get("keySchemas"):
        return [
            {"AttributeName": each["attributeName"], "KeyType": each["keyType"]}
            for each in index["keySchemas"]
        ]
    # A local index has its table's partition key.
    pairs = ((index.get("hashKey", table["hashKey"]), "HASH"), (index.get("rangeKey"), "RANGE"))
    return [{"AttributeName": name, "KeyType": kind} for name, kind in pairs if name]


def created(index: Properties, table: Properties) -> dict[str, Any]:
    """Return an index as CreateTable and UpdateTable take it."""
    projection = {"ProjectionType": index["projectionType"]}
    if index.get("nonKeyAttributes"):
        projection["NonKeyAttributes"] = index["nonKeyAttributes"]
    local = "keySchemas" not in index and "hashKey" not in index
    return {
        "IndexName": index["name"],
        "KeySchema": _keys(index, table),
        "Projection": projection,
        **({} if local else throughput(index, table)),
    }


def told(described: dict[str, Any]) -> Properties:
    """Return the throughput that DescribeTable tells of a table or an index."""
    provisioned = described.get("ProvisionedThroughput", {})
    most = described.get("OnDemandThroughput")
    return {
        "readCapacity": provisioned.get("ReadCapacityUnits"),
        "writeCapacity": provisioned.get("WriteCapacityUnits"),
        "onDemandThroughput": most
        and {
            "maxReadRequestUnits": most["MaxReadRequestUnits"],
            "maxWriteRequestUnits": most["MaxWriteRequestUnits"],
        },
    }


def listed(table: dict[str, Any]) -> list[Properties]:
    """Return the indexes that DescribeTable tells, in both ways that a program may give keys."""
    return [
        {
            "name": each["IndexName"],
            "projectionType": each["Projection"]["ProjectionType"],
            "nonKeyAttributes": each["Projection"].get("NonKeyAttributes"),
            "keySchemas": [
                {"attributeName": key["AttributeName"], "keyType": key["KeyType"]}
                for key in each["KeySchema"]
            ],
            **{
                "hashKey" if key["KeyType"] == "HASH" else "rangeKey": key["AttributeName"]
                for key in each["KeySchema"]
            },
            **told(each),
        }
        for each in table.get("GlobalSecondaryIndexes", [])
    ]


def index_changes(old: Properties, new: Properties, there: set[str]) -> Iterator[dict[str, Any]]:
    """Return the change of each index: gone, changed in its keys, new, or of other throughput.

    `there` are the names of the indexes that the table has now.
    """
    before = {each["name"]: each for each in old.get("globalSecondaryIndexes") or []}
    after = {each["name"]: each for each in new.get("globalSecondaryIndexes") or []}
    same = {
        name
        for name in before.keys() & after.keys() & there
        if _shape(before[name], old) == _shape(after[name], new)
    }
    for name in sorted((before.keys() | after.keys()) & there - same):
        yield {"Delete": {"IndexName": name}}
    for name, index in after.items():
        if name not in same:
            yield {"Create": created(index, new)}
        elif throughput(before[name], old) != throughput(index, new):
            yield {"Update": {"IndexName": name, **throughput(index, new)}}


def _shape(index: Properties, table: Properties) -> tuple[Any, ...]:
    return (
        _keys(index, table),
        index["projectionType"],
        sorted(index.get("nonKeyAttributes") or []),
    )
