"""Alarms: those that scale services of ECS are evaluated, the others are kept only."""

from typing import Any

from local.provider import shapes
from local.provider.clients import Clients
from local.provider.handler import Handler, handles
from local.provider.handlers import tags
from local.provider.wire import Properties

RENAMES = {"name": "AlarmName", "arn": "AlarmArn"}
OWN = ("dimensions", "metricQueries", "tags")
SCALING = ":resource/ecs/"


@handles("aws:cloudwatch/metricAlarm:MetricAlarm")
class MetricAlarm(Handler):
    """An alarm; its id is its name."""

    replace = frozenset({"name"})

    def create(self, aws: Clients, properties: Properties) -> str:
        self._put(aws, properties, Tags=tags.listed(properties.get("tags")))
        return str(properties["name"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        client = aws("cloudwatch")
        live = next(iter(client.describe_alarms(AlarmNames=[id_])["MetricAlarms"]), None)
        if live is None:
            return None
        shape = shapes.operation(client, "describe_alarms").output_shape
        known = shapes.from_response(shape.members["MetricAlarms"].member, live, RENAMES)
        found = client.list_tags_for_resource(ResourceARN=live["AlarmArn"])["Tags"]
        return {
            **known,
            "dimensions": tags.unlisted(live.get("Dimensions", []), "Name"),
            "metricQueries": [_query(each) for each in live.get("Metrics", [])],
            "tags": tags.unlisted(found),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        self._put(aws, new)
        client = aws("cloudwatch")
        if tags.removed(old, new):
            client.untag_resource(ResourceARN=old["arn"], TagKeys=tags.removed(old, new))
        if new.get("tags"):
            client.tag_resource(ResourceARN=old["arn"], Tags=tags.listed(new["tags"]))

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("cloudwatch").delete_alarms(AlarmNames=[id_])

    def recorded(self, properties: Properties) -> bool:
        actions = ("alarmActions", "insufficientDataActions", "okActions")
        arns = [arn for kind in actions for arn in properties.get(kind) or ()]
        return not any(SCALING in arn for arn in arns)

    @staticmethod
    def _put(aws: Clients, properties: Properties, **more: Any) -> None:
        client = aws("cloudwatch")
        shape = shapes.operation(client, "put_metric_alarm").input_shape
        given = {key: value for key, value in properties.items() if key not in OWN}
        request = shapes.to_request(shape, given, RENAMES)
        if "dimensions" in properties:
            request["Dimensions"] = tags.listed(properties["dimensions"], "Name")
        if "metricQueries" in properties:
            request["Metrics"] = [_metric(each) for each in properties["metricQueries"]]
        client.put_metric_alarm(**request, **more)


def _metric(query: Properties) -> dict[str, Any]:
    """Return a query as the API has it."""
    names = ("accountId", "expression", "id", "label", "period")
    made = {name[:1].upper() + name[1:]: query[name] for name in names if name in query}
    # Pulumi's default is the other one than the API's.
    made["ReturnData"] = query.get("returnData", False)
    if "metric" in query:
        metric = query["metric"]
        unit = {"Unit": metric["unit"]} if "unit" in metric else {}
        made["MetricStat"] = {
            "Metric": {
                "Namespace": metric.get("namespace", ""),
                "MetricName": metric["metricName"],
                "Dimensions": tags.listed(metric.get("dimensions"), "Name"),
            },
            "Period": int(metric["period"]),
            "Stat": metric["stat"],
            **unit,
        }
    return made


def _query(live: dict[str, Any]) -> Properties:
    """Return a query of the API as Pulumi has it."""
    made = {name[:1].lower() + name[1:]: live[name] for name in live if name != "MetricStat"}
    if "MetricStat" in live:
        stat = live["MetricStat"]
        metric = stat["Metric"]
        made["metric"] = {
            "namespace": metric.get("Namespace"),
            "metricName": metric["MetricName"],
            "dimensions": tags.unlisted(metric.get("Dimensions", []), "Name"),
            "period": stat["Period"],
            "stat": stat["Stat"],
            "unit": stat.get("Unit"),
        }
    return made
