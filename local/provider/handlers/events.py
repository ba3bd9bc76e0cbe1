"""Event buses, their rules, targets and archives.

Policies of buses are recorded: the emulator keeps a statement of its own instead of the policy.
"""

from abc import abstractmethod
from typing import Any

from local.provider import shapes
from local.provider.clients import Clients
from local.provider.errors import UnsupportedError
from local.provider.handler import Api, Handler, handles
from local.provider.handlers import forwarding, tags
from local.provider.wire import Properties


class Tagged(Api):
    """A type of EventBridge that carries tags."""

    service = "events"

    def prepare(self, properties: Properties) -> Properties:
        return {**properties, "tags": None}

    def finish(self, aws: Clients, id_: str, properties: Properties) -> None:
        self._tag(aws, id_, properties, [])

    def more(self, aws: Clients, id_: str, state: Properties) -> Properties:
        arn = aws.arn("events", self.path(id_, state))
        found = aws("events").list_tags_for_resource(ResourceARN=arn)["Tags"]
        return {"arn": arn, "tags": tags.unlisted(found)}

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        super().update(aws, id_, old, new)
        self._tag(aws, id_, new, tags.removed(old, new))

    def _tag(self, aws: Clients, id_: str, properties: Properties, gone: list[str]) -> None:
        arn = aws.arn("events", self.path(id_, properties))
        if gone:
            aws("events").untag_resource(ResourceARN=arn, TagKeys=gone)
        if properties.get("tags"):
            given = tags.listed(properties["tags"])
            aws("events").tag_resource(ResourceARN=arn, Tags=given)

    @abstractmethod
    def path(self, id_: str, state: Properties) -> str:
        """Return the last part of the ARN."""


@handles("aws:cloudwatch/eventBus:EventBus")
class EventBus(Tagged):
    """A bus."""

    replace = frozenset({"name", "eventSourceName"})
    noun = "event_bus"
    key = {"Name": "name"}
    resets = {"description": "", "deadLetterConfig": {}}

    def path(self, id_: str, state: Properties) -> str:
        return f"event-bus/{id_}"

    def _key(self, id_: str, state: Properties) -> dict[str, Any]:
        return {"Name": id_}


@handles("aws:cloudwatch/eventRule:EventRule")
class EventRule(Tagged):
    """A rule of a bus; its id is bus and name."""

    replace = frozenset({"name", "namePrefix", "eventBusName"})
    noun = "rule"
    key = {"Name": "name"}
    resets = {"description": "", "state": "ENABLED"}

    def method(self, kind: str) -> str:
        return "put_rule" if kind in ("create", "update") else super().method(kind)

    def create(self, aws: Clients, properties: Properties) -> str:
        super().create(aws, properties)
        return f"{properties.get('eventBusName', 'default')}/{properties['name']}"

    def path(self, id_: str, state: Properties) -> str:
        bus, _, name = id_.rpartition("/")
        # The bus may be given by its ARN; the account's own is not named in an ARN.
        bus = bus.rpartition("/")[2]
        return f"rule/{name}" if bus == "default" else f"rule/{bus}/{name}"

    def _key(self, id_: str, state: Properties) -> dict[str, Any]:
        bus, _, name = id_.rpartition("/")
        return {"EventBusName": bus, "Name": name}


@handles("aws:cloudwatch/eventTarget:EventTarget")
class EventTarget(Handler):
    """A target of a rule."""

    replace = frozenset({"rule", "eventBusName", "targetId"})
    RENAMES = {
        "appsyncTarget": "AppSyncParameters",
        "ecsTarget": "EcsParameters",
        "httpTarget": "HttpParameters",
        "inputPaths": "InputPathsMap",
        "kinesisTarget": "KinesisParameters",
        "sqsTarget": "SqsParameters",
    }

    def create(self, aws: Clients, properties: Properties) -> str:
        emulated = forwarding.emulated(aws, properties)
        target = shapes.to_request(self._shape(aws), emulated, self.RENAMES)
        answer = aws("events").put_targets(
            Rule=properties["rule"],
            EventBusName=properties.get("eventBusName", "default"),
            Targets=[{**target, "Id": properties["targetId"]}],
        )
        if answer.get("FailedEntryCount"):
            raise UnsupportedError(f"the target was refused: {answer['FailedEntries']}")
        return f"{properties['rule']}-{properties['targetId']}"

    def finish(self, aws: Clients, id_: str, properties: Properties) -> None:
        if forwarding.needed(properties):
            forwarding.put(aws, properties)

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        bus = state.get("eventBusName", "default")
        answer = aws("events").list_targets_by_rule(Rule=state["rule"], EventBusName=bus)
        for target in answer["Targets"]:
            if target["Id"] == state["targetId"]:
                live = shapes.from_response(self._shape(aws), target, self.RENAMES)
                told = forwarding.told(aws, state) if forwarding.needed(state) else {}
                return {**live, **told, "rule": state["rule"], "targetId": target["Id"]}
        return None

    @staticmethod
    def _shape(aws: Clients) -> Any:
        request = shapes.operation(aws("events"), "put_targets").input_shape
        return request.members["Targets"].member

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        self.create(aws, new)
        self.finish(aws, id_, new)
        if forwarding.needed(old) and not forwarding.needed(new):
            forwarding.remove(aws, old)

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("events").remove_targets(
            Rule=state["rule"],
            EventBusName=state.get("eventBusName", "default"),
            Ids=[state["targetId"]],
        )
        if forwarding.needed(state):
            forwarding.remove(aws, state)


@handles("aws:cloudwatch/eventArchive:EventArchive")
class EventArchive(Api):
    """An archive of a bus."""

    service = "events"
    replace = frozenset({"name", "eventSourceArn"})
    noun = "archive"
    key = {"ArchiveName": "id"}
    renames = {"name": "ArchiveName", "arn": "ArchiveArn"}
    resets = {"description": "", "retentionDays": 0}

    def create(self, aws: Clients, properties: Properties) -> str:
        self._call(aws, "create", properties, {"ArchiveName": properties["name"]})
        return str(properties["name"])
