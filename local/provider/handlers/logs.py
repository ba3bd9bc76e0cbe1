"""Log groups."""

from local.provider.clients import Clients
from local.provider.handler import Handler, handles
from local.provider.handlers import tags
from local.provider.wire import Properties


@handles("aws:cloudwatch/logGroup:LogGroup")
class LogGroup(Handler):
    """A log group and its retention."""

    replace = frozenset({"name", "namePrefix", "logGroupClass"})

    def create(self, aws: Clients, properties: Properties) -> str:
        logs, name = aws("logs"), properties["name"]
        options = {"kmsKeyId": "kmsKeyId", "logGroupClass": "logGroupClass"}
        logs.create_log_group(
            logGroupName=name,
            tags=properties.get("tags") or {},
            **{member: properties[key] for key, member in options.items() if key in properties},
        )
        return str(name)

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        logs = aws("logs")
        groups = logs.describe_log_groups(logGroupNamePrefix=id_)["logGroups"]
        for group in groups:
            if group["logGroupName"] == id_:
                return {
                    "name": id_,
                    "arn": group["arn"].removesuffix(":*"),
                    "retentionInDays": group.get("retentionInDays", 0),
                    "tags": logs.list_tags_log_group(logGroupName=id_)["tags"],
                }
        return None

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        self.finish(aws, id_, new)
        logs, gone = aws("logs"), tags.removed(old, new)
        if gone:
            logs.untag_log_group(logGroupName=id_, tags=gone)
        if new.get("tags"):
            logs.tag_log_group(logGroupName=id_, tags=new["tags"])

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("logs").delete_log_group(logGroupName=id_)

    def finish(self, aws: Clients, id_: str, properties: Properties) -> None:
        days = properties.get("retentionInDays")
        if days:
            aws("logs").put_retention_policy(logGroupName=id_, retentionInDays=days)
        else:
            aws("logs").delete_retention_policy(logGroupName=id_)
