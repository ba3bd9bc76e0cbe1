"""State machines, their versions and their aliases.

The emulator neither logs nor traces; what is asked of both is accepted.
"""

from typing import Any

from local.provider import compare
from local.provider.clients import Clients
from local.provider.handler import Api, handles
from local.provider.handlers import tags
from local.provider.wire import Properties

CONFIGURATION = frozenset(
    {
        *("definition", "encryptionConfiguration", "loggingConfiguration", "publish", "roleArn"),
        "tracingConfiguration",
    }
)
# What a published version makes anew.
VERSIONED = frozenset({"revisionId", "stateMachineVersionArn"})


@handles("aws:sfn/stateMachine:StateMachine")
class StateMachine(Api):
    """A machine; its id is its ARN."""

    service = "stepfunctions"
    replace = frozenset({"name", "namePrefix", "type"})
    noun = "state_machine"
    key = {"stateMachineArn": "id"}
    id_member = "stateMachineArn"
    resets = {
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": {"enabled": False},
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }

    def prepare(self, properties: Properties) -> Properties:
        made = {**properties, "tags": tags.listed(properties.get("tags"), "key", "value")}
        logging = properties.get("loggingConfiguration")
        if logging:
            arn = logging.get("logDestination")
            destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}] if arn else []
            made["loggingConfiguration"] = {**logging, "destinations": destinations}
        return made

    def more(self, aws: Clients, id_: str, state: Properties) -> Properties:
        client = aws(self.service)
        live = client.describe_state_machine(stateMachineArn=id_)
        found = client.list_tags_for_resource(resourceArn=id_)["tags"]
        return {
            "arn": id_,
            "creationDate": str(live["creationDate"]),
            "loggingConfiguration": self._logging(live.get("loggingConfiguration", {})),
            "stateMachineVersionArn": max(self._versions(client, id_), key=_number, default=None),
            "tags": tags.unlisted(found, "key", "value"),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        client = aws(self.service)
        # Each update publishes a version; tags are not of it.
        if CONFIGURATION.intersection(compare.changed(old, new)):
            super().update(aws, id_, old, new)
        gone = tags.removed(old, new)
        if gone:
            client.untag_resource(resourceArn=id_, tagKeys=gone)
        if new.get("tags"):
            given = tags.listed(new["tags"], "key", "value")
            client.tag_resource(resourceArn=id_, tags=given)

    def renewed(self, changed: frozenset[str], new: Properties) -> frozenset[str]:
        return VERSIONED if new.get("publish") and changed & CONFIGURATION else frozenset()

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        client = aws(self.service)
        # AWS removes them with the machine, the emulator would keep them for the next one.
        for version in self._versions(client, id_):
            client.delete_state_machine_version(stateMachineVersionArn=version)
        super().delete(aws, id_, state)

    @staticmethod
    def _logging(live: Properties) -> Properties:
        groups = [each["cloudWatchLogsLogGroup"] for each in live.get("destinations", [])]
        arn = {"logDestination": groups[0]["logGroupArn"]} if groups else {}
        return {**live, **arn}

    @staticmethod
    def _versions(client: Any, id_: str) -> list[str]:
        listed = client.list_state_machine_versions(stateMachineArn=id_)["stateMachineVersions"]
        return [each["stateMachineVersionArn"] for each in listed]


def _number(version_arn: str) -> int:
    return int(version_arn.rsplit(":", 1)[1])


@handles("aws:sfn/alias:Alias")
class Alias(Api):
    """A name for a version of a machine; its id is its ARN."""

    service = "stepfunctions"
    replace = frozenset({"name"})
    noun = "state_machine_alias"
    key = {"stateMachineAliasArn": "id"}
    renames = {"arn": "stateMachineAliasArn", "routingConfigurations": "routingConfiguration"}
    id_member = "stateMachineAliasArn"
    resets = {"description": ""}
