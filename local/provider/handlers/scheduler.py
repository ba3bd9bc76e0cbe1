"""Schedules and their groups.

The emulator says when it is time; a function `schedule-…` with the schedule's own role then goes
to the target. Retries, windows and keys are stored only. The emulator's clock is in UTC: of the
schedules in another zone, those at one time are set to it, and cron is recorded.
"""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from local.provider import shapes
from local.provider.clients import Clients
from local.provider.handler import Api, Handler, handles
from local.provider.handlers import carriers, tags
from local.provider.wire import Properties

MODULES = ("scheduled", "deliver")
RENAMES = {"eventbridgeParameters": "EventBridgeParameters"}
TIMES = ("startDate", "endDate")
# What the emulator has another way.
TRANSLATED = ("scheduleExpression", "scheduleExpressionTimezone", "state")


@handles("aws:scheduler/scheduleGroup:ScheduleGroup")
class ScheduleGroup(Api):
    """A group of schedules."""

    service = "scheduler"
    replace = frozenset({"name", "namePrefix"})
    noun = "schedule_group"
    read_verb = "get"
    key = {"Name": "id"}

    def create(self, aws: Clients, properties: Properties) -> str:
        given = tags.listed(properties.get("tags"))
        aws("scheduler").create_schedule_group(Name=properties["name"], Tags=given)
        return str(properties["name"])

    def more(self, aws: Clients, id_: str, state: Properties) -> Properties:
        arn = aws.arn("scheduler", f"schedule-group/{id_}")
        found = aws("scheduler").list_tags_for_resource(ResourceArn=arn)["Tags"]
        return {"tags": tags.unlisted(found)}

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        scheduler, arn = aws("scheduler"), aws.arn("scheduler", f"schedule-group/{id_}")
        # One at a time: of several, the emulator takes the first away.
        for key in tags.removed(old, new):
            scheduler.untag_resource(ResourceArn=arn, TagKeys=[key])
        if new.get("tags"):
            scheduler.tag_resource(ResourceArn=arn, Tags=tags.listed(new["tags"]))


@handles("aws:scheduler/schedule:Schedule")
class Schedule(Handler):
    """A schedule; its id is group and name."""

    replace = frozenset({"name", "namePrefix", "groupName"})

    def create(self, aws: Clients, properties: Properties) -> str:
        aws("scheduler").create_schedule(**self._request(aws, properties))
        return f"{_group(properties)}/{properties['name']}"

    def finish(self, aws: Clients, id_: str, properties: Properties) -> None:
        target = properties["target"]
        carriers.Carrier(name=_name(id_), modules=MODULES, role_arn=target["roleArn"]).put(aws)

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        scheduler = aws("scheduler")
        group, name = id_.split("/")
        answer = scheduler.get_schedule(Name=name, GroupName=group)
        shape = shapes.operation(scheduler, "get_schedule").output_shape
        live = shapes.from_response(shape, answer, RENAMES)
        role_arn, _ = carriers.told(aws, _name(id_))
        # The target that the function was told.
        target = json.loads(live["target"]["input"])["target"]
        told = shapes.from_response(shape.members["Target"], target, RENAMES)
        given = _translated(state) if state.get("scheduleExpression") else {}
        kept = {key: state[key] for key in TRANSLATED if key in state and live[key] == given[key]}
        times = {
            key: f"{answer[key[0].upper() + key[1:]]:%Y-%m-%dT%H:%M:%SZ}"
            for key in TIMES
            if key in live
        }
        return {**live, **times, **kept, "target": {**told, "roleArn": role_arn}}

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        aws("scheduler").update_schedule(**self._request(aws, new))
        self.finish(aws, id_, new)

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        group, name = id_.split("/")
        aws("scheduler").delete_schedule(Name=name, GroupName=group)
        carriers.remove(aws, _name(id_))

    def recorded(self, properties: Properties) -> bool:
        zone = properties.get("scheduleExpressionTimezone", "UTC")
        return str(properties["scheduleExpression"]).startswith("cron(") and zone != "UTC"

    def _request(self, aws: Clients, properties: Properties) -> dict[str, Any]:
        shape = shapes.operation(aws("scheduler"), "create_schedule").input_shape
        group, name = _group(properties), properties["name"]
        target = properties["target"]
        told = {
            "schedule": aws.arn("scheduler", f"schedule/{group}/{name}"),
            "target": shapes.to_request(shape.members["Target"], target, RENAMES),
        }
        emulated = {
            **properties,
            **_translated(properties),
            "target": {
                "arn": carriers.arn(aws, _name(f"{group}/{name}")),
                "roleArn": target["roleArn"],
                "input": json.dumps(told),
            },
        }
        return shapes.to_request(shape, emulated, RENAMES)


def _translated(properties: Properties) -> Properties:
    """Return what the emulator's schedule has for expression, zone and state."""
    expression, zone = properties["scheduleExpression"], "UTC"
    zone = properties.get("scheduleExpressionTimezone", "UTC")
    state = properties.get("state", "ENABLED")
    if expression.startswith("at("):
        time = datetime.fromisoformat(expression[3:-1]).replace(tzinfo=ZoneInfo(zone))
        expression = f"at({time.astimezone(UTC):%Y-%m-%dT%H:%M:%S})"
    elif expression.startswith("cron(") and zone != "UTC":
        state = "DISABLED"
    return dict(zip(TRANSLATED, (expression, "UTC", state), strict=True))


def _group(properties: Properties) -> str:
    return str(properties.get("groupName", "default"))


def _name(id_: str) -> str:
    return carriers.named("schedule", id_)
