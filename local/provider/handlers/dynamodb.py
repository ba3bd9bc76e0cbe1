"""Tables; all but their keys changes in place, one part at a time as DynamoDB wants it."""

from typing import Any

from local.provider.clients import Clients
from local.provider.handler import Handler, handles
from local.provider.handlers import tags
from local.provider.handlers.dynamodb_index import created, index_changes, listed, throughput, told
from local.provider.wire import Properties


@handles("aws:dynamodb/table:Table")
class Table(Handler):
    """A table with its indexes and settings."""

    replace = frozenset({"name", "hashKey", "rangeKey", "localSecondaryIndexes"})

    def create(self, aws: Clients, properties: Properties) -> str:
        client, name = aws("dynamodb"), str(properties["name"])
        keys = ((properties["hashKey"], "HASH"), (properties.get("rangeKey"), "RANGE"))
        request: dict[str, Any] = {
            "TableName": name,
            "AttributeDefinitions": _attributes(properties),
            "KeySchema": [{"AttributeName": n, "KeyType": kind} for n, kind in keys if n],
            "BillingMode": properties.get("billingMode", "PROVISIONED"),
            "DeletionProtectionEnabled": properties.get("deletionProtectionEnabled", False),
            "StreamSpecification": _stream(properties),
            "SSESpecification": _encryption(properties),
            "TableClass": properties.get("tableClass", "STANDARD"),
            "Tags": tags.listed(properties.get("tags")),
            **throughput(properties, properties),
        }
        for key, member in (
            ("globalSecondaryIndexes", "GlobalSecondaryIndexes"),
            ("localSecondaryIndexes", "LocalSecondaryIndexes"),
        ):
            if properties.get(key):
                request[member] = [created(each, properties) for each in properties[key]]
        client.create_table(**request)
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
        return name

    def finish(self, aws: Clients, id_: str, properties: Properties) -> None:
        self._settings(aws("dynamodb"), id_, {}, properties)

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        client = aws("dynamodb")
        table = client.describe_table(TableName=id_)["Table"]
        keys = {each["KeyType"]: each["AttributeName"] for each in table["KeySchema"]}
        backups = client.describe_continuous_backups(TableName=id_)
        recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        ttl = client.describe_time_to_live(TableName=id_)["TimeToLiveDescription"]
        stream = table.get("StreamSpecification", {})
        found = client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
        return {
            "name": id_,
            "arn": table["TableArn"],
            "hashKey": keys["HASH"],
            "rangeKey": keys.get("RANGE"),
            "attributes": [
                {"name": each["AttributeName"], "type": each["AttributeType"]}
                for each in table["AttributeDefinitions"]
            ],
            "billingMode": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
            **told(table),
            "globalSecondaryIndexes": listed(table),
            "tableClass": table.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
            "serverSideEncryption": _encrypted(table.get("SSEDescription", {})),
            "deletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
            "streamEnabled": stream.get("StreamEnabled", False),
            "streamViewType": stream.get("StreamViewType"),
            "streamArn": table.get("LatestStreamArn", ""),
            "streamLabel": table.get("LatestStreamLabel", ""),
            "pointInTimeRecovery": {"enabled": recovery["PointInTimeRecoveryStatus"] == "ENABLED"},
            "ttl": {
                "enabled": ttl["TimeToLiveStatus"] == "ENABLED",
                "attributeName": ttl.get("AttributeName"),
            },
            "tags": tags.unlisted(found),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        client = aws("dynamodb")
        table = client.describe_table(TableName=id_)["Table"]
        # A change that failed half way is tried again: some of it may be there already.
        there = {each["IndexName"] for each in table.get("GlobalSecondaryIndexes", [])}
        for change in _changes(old, new, there):
            client.update_table(TableName=id_, **change)
            client.get_waiter("table_exists").wait(TableName=id_, WaiterConfig={"Delay": 1})
        self._settings(client, id_, old, new)
        if tags.removed(old, new):
            client.untag_resource(ResourceArn=old["arn"], TagKeys=tags.removed(old, new))
        if new.get("tags"):
            client.tag_resource(ResourceArn=old["arn"], Tags=tags.listed(new["tags"]))

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("dynamodb").delete_table(TableName=id_)

    @staticmethod
    def _settings(client: Any, name: str, old: Properties, new: Properties) -> None:
        wanted, had = _ttl(new), _ttl(old)
        if wanted != had:
            client.update_time_to_live(
                TableName=name,
                TimeToLiveSpecification={
                    "Enabled": wanted is not None,
                    "AttributeName": wanted or had,
                },
            )
        recovery = (new.get("pointInTimeRecovery") or {}).get("enabled", False)
        client.update_continuous_backups(
            TableName=name,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": recovery},
        )


def _ttl(properties: Properties) -> str | None:
    """Return the attribute that ends items, if there is one."""
    ttl = properties.get("ttl") or {}
    return ttl.get("attributeName") if ttl.get("enabled", True) else None


def _attributes(properties: Properties) -> list[dict[str, str]]:
    return [
        {"AttributeName": each["name"], "AttributeType": each["type"]}
        for each in properties["attributes"]
    ]


def _stream(properties: Properties) -> dict[str, Any]:
    if not properties.get("streamEnabled"):
        return {"StreamEnabled": False}
    view = properties.get("streamViewType", "NEW_AND_OLD_IMAGES")
    return {"StreamEnabled": True, "StreamViewType": view}


def _encryption(properties: Properties) -> dict[str, Any]:
    """Return the encryption with a key of KMS; without one DynamoDB uses its own."""
    given = properties.get("serverSideEncryption") or {}
    if not given.get("enabled"):
        return {"Enabled": False}
    key = {"KMSMasterKeyId": given["kmsKeyArn"]} if given.get("kmsKeyArn") else {}
    return {"Enabled": True, "SSEType": "KMS", **key}


def _encrypted(described: dict[str, Any]) -> Properties:
    if described.get("Status") != "ENABLED":
        return {"enabled": False}
    return {"enabled": True, "kmsKeyArn": described.get("KMSMasterKeyArn")}


def _settled(properties: Properties) -> list[dict[str, Any]]:
    """Return what a table is set to, a part for each UpdateTable that sets it."""
    return [
        {
            "BillingMode": properties.get("billingMode", "PROVISIONED"),
            **throughput(properties, properties),
        },
        {"DeletionProtectionEnabled": properties.get("deletionProtectionEnabled", False)},
        {"TableClass": properties.get("tableClass", "STANDARD")},
        {"SSESpecification": _encryption(properties)},
    ]


def _changes(old: Properties, new: Properties, there: set[str]) -> list[dict[str, Any]]:
    """Return the arguments of each UpdateTable that leads from the old table to the new one."""
    pairs = zip(_settled(old), _settled(new), strict=True)
    changes = [wanted for had, wanted in pairs if wanted != had]
    if _stream(old) != _stream(new):
        if _stream(old)["StreamEnabled"] and _stream(new)["StreamEnabled"]:
            changes.append({"StreamSpecification": {"StreamEnabled": False}})
        changes.append({"StreamSpecification": _stream(new)})
    definitions = _attributes(new)
    return [
        *changes,
        *(
            {"AttributeDefinitions": definitions, "GlobalSecondaryIndexUpdates": [each]}
            for each in index_changes(old, new, there)
        ),
    ]
