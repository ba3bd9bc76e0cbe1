"""Who is told of what happens in buckets."""

from typing import Any

from local.provider.clients import Clients
from local.provider.handler import Handler, handles
from local.provider.wire import Properties

KINDS = {
    "lambdaFunctions": ("LambdaFunctionConfigurations", "lambdaFunctionArn", "LambdaFunctionArn"),
    "queues": ("QueueConfigurations", "queueArn", "QueueArn"),
    "topics": ("TopicConfigurations", "topicArn", "TopicArn"),
}
FILTERS = {"prefix": "filterPrefix", "suffix": "filterSuffix"}


@handles("aws:s3/bucketNotification:BucketNotification")
class Notification(Handler):
    """The whole configuration of a bucket; its id is the bucket's name."""

    replace = frozenset({"bucket"})

    def create(self, aws: Clients, properties: Properties) -> str:
        name = str(properties["bucket"])
        asked: dict[str, Any] = {
            kind: [_asked(each, *arns) for each in properties.get(key) or []]
            for key, (kind, *arns) in KINDS.items()
        }
        if properties.get("eventbridge"):
            asked["EventBridgeConfiguration"] = {}
        aws("s3").put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration=asked
        )
        return name

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        found = aws("s3").get_bucket_notification_configuration(Bucket=id_)
        live: Properties = {
            key: [_told(each, *arns) for each in found[kind]]
            for key, (kind, *arns) in KINDS.items()
            if kind in found
        }
        if "EventBridgeConfiguration" in found:
            live["eventbridge"] = True
        if not live and any(state.get(key) for key in (*KINDS, "eventbridge")):
            return None
        gone: Properties = {key: [] for key in KINDS if state.get(key)}
        if state.get("eventbridge"):
            gone["eventbridge"] = False
        return {**gone, **live, "bucket": id_}

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        self.create(aws, new)

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("s3").put_bucket_notification_configuration(Bucket=id_, NotificationConfiguration={})


def _asked(given: Properties, key: str, member: str) -> dict[str, Any]:
    rules = [
        {"Name": name, "Value": given[each]} for name, each in FILTERS.items() if given.get(each)
    ]
    asked: dict[str, Any] = {member: given[key], "Events": given["events"]}
    if given.get("id"):
        asked["Id"] = given["id"]
    if rules:
        asked["Filter"] = {"Key": {"FilterRules": rules}}
    return asked


def _told(found: dict[str, Any], key: str, member: str) -> Properties:
    rules = found.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    filters = {FILTERS[rule["Name"].lower()]: rule["Value"] for rule in rules}
    empty = dict.fromkeys(FILTERS.values(), "")
    return {key: found[member], "events": found["Events"], "id": found["Id"], **empty, **filters}
