"""Scalable targets and policies: services of ECS are scaled in steps, all else is kept only."""

from typing import Any

from local.provider import shapes
from local.provider.clients import Clients
from local.provider.handler import Handler, handles
from local.provider.handlers import tags
from local.provider.wire import Properties

KEY = ("serviceNamespace", "resourceId", "scalableDimension")


def _key(properties: Properties) -> dict[str, Any]:
    return {name[:1].upper() + name[1:]: properties[name] for name in KEY}


def _request(aws: Clients, method: str, properties: Properties) -> tuple[Any, dict[str, Any]]:
    client = aws("application-autoscaling")
    shape = shapes.operation(client, method).input_shape
    given = {key: value for key, value in properties.items() if key != "tags"}
    return client, shapes.to_request(shape, given, {"name": "PolicyName"})


@handles("aws:appautoscaling/target:Target")
class Target(Handler):
    """What is scaled, and how far; its id is made of what names it."""

    replace = frozenset({"resourceId", "scalableDimension", "serviceNamespace"})

    def create(self, aws: Clients, properties: Properties) -> str:
        client, request = _request(aws, "register_scalable_target", properties)
        client.register_scalable_target(**request, Tags=properties.get("tags") or {})
        return "/".join(properties[name] for name in KEY)

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        client, key = aws("application-autoscaling"), _key(state)
        resource = key.pop("ResourceId")
        answer = client.describe_scalable_targets(**key, ResourceIds=[resource])
        live = next(iter(answer["ScalableTargets"]), None)
        if live is None:
            return None
        shape = shapes.operation(client, "describe_scalable_targets").output_shape
        arn = live["ScalableTargetARN"]
        return {
            **shapes.from_response(shape.members["ScalableTargets"].member, live, {}),
            "arn": arn,
            "roleArn": live["RoleARN"],
            "tags": client.list_tags_for_resource(ResourceARN=arn)["Tags"],
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        client, request = _request(aws, "register_scalable_target", new)
        client.register_scalable_target(**request)
        if tags.removed(old, new):
            client.untag_resource(ResourceARN=old["arn"], TagKeys=tags.removed(old, new))
        if new.get("tags"):
            client.tag_resource(ResourceARN=old["arn"], Tags=new["tags"])

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("application-autoscaling").deregister_scalable_target(**_key(state))

    def recorded(self, properties: Properties) -> bool:
        return bool(properties["serviceNamespace"] != "ecs")


@handles("aws:appautoscaling/policy:Policy")
class Policy(Handler):
    """How a target is scaled; its id is its name, as that of all of its target is."""

    replace = frozenset({"name", "resourceId", "scalableDimension", "serviceNamespace"})

    def create(self, aws: Clients, properties: Properties) -> str:
        self.update(aws, "", {}, properties)
        return str(properties["name"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        client = aws("application-autoscaling")
        answer = client.describe_scaling_policies(**_key(state), PolicyNames=[id_])
        live = next(iter(answer["ScalingPolicies"]), None)
        if live is None:
            return None
        shape = shapes.operation(client, "describe_scaling_policies").output_shape
        known = shapes.from_response(shape.members["ScalingPolicies"].member, live, {})
        return {**known, "name": id_, "arn": live["PolicyARN"], "alarmArns": []}

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        client, request = _request(aws, "put_scaling_policy", new)
        steps = request.get("StepScalingPolicyConfiguration", {}).get("StepAdjustments", [])
        for step in steps:
            # Pulumi has them as text.
            bounds = ("MetricIntervalLowerBound", "MetricIntervalUpperBound")
            step.update({name: float(step[name]) for name in bounds if name in step})
        client.put_scaling_policy(**request)

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("application-autoscaling").delete_scaling_policy(**_key(state), PolicyName=id_)

    def recorded(self, properties: Properties) -> bool:
        steps = properties.get("policyType", "StepScaling") == "StepScaling"
        return not (steps and properties["serviceNamespace"] == "ecs")
