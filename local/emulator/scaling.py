"""Application Auto Scaling for the emulator, which has none: targets, and policies with steps.

Only ECS services are scaled; other targets and policies are kept. A minute of a cooldown is a
second here, as it is of the alarms. https://docs.aws.amazon.com/autoscaling/application/
"""

import json
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from local.emulator.alarms import FASTER, Alarms
from local.emulator.scaling_steps import Steps

Answer = tuple[int, dict[str, str], bytes]
ERROR = 400
ROLE = "role/aws-service-role/application-autoscaling.amazonaws.com/AWSServiceRoleForScaling"
Key = tuple[str, str, str]


class Scaling:
    """The API, and what the policies do."""

    def __init__(self, ecs: Any, responses: Any, alarms: Alarms) -> None:
        self._ecs, self._responses, self._alarms = ecs, responses, alarms
        self._targets = responses.AccountRegionScopedDict()
        self._policies = responses.AccountRegionScopedDict()
        self._steps: dict[str, Steps] = {}
        self._starting = threading.Lock()
        self._watched = False
        self._calls = {
            "DeleteScalingPolicy": self._delete_policy,
            "DeregisterScalableTarget": self._deregister,
            "DescribeScalableTargets": self._describe_targets,
            "DescribeScalingPolicies": self._describe_policies,
            "ListTagsForResource": self._list_tags,
            "PutScalingPolicy": self._put_policy,
            "RegisterScalableTarget": self._register,
            "TagResource": self._tag,
            "UntagResource": self._untag,
        }

    async def handle(
        self, _method: str, _path: str, headers: Mapping[str, str], body: bytes, _query: Any
    ) -> Answer:
        """Answer a call."""
        name = headers.get("x-amz-target", "").rpartition(".")[2]
        if name not in self._calls:
            return _refused("UnknownOperationException", f"{name} is not emulated")
        return self._calls[name](json.loads(body or b"{}"))

    def _arn(self, service: str, path: str) -> str:
        region, account = self._responses.get_region(), self._responses.get_account_id()
        return f"arn:aws:{service}:{region}:{account}:{path}"

    def _register(self, asked: Any) -> Answer:
        key, given = _key(asked), {name: asked[name] for name in asked if name != "Tags"}
        new = {
            "ScalableTargetARN": self._arn(
                "application-autoscaling", f"scalable-target/{uuid.uuid4().hex[:20]}"
            ),
            "RoleARN": f"arn:aws:iam::{self._responses.get_account_id()}:{ROLE}",
            "CreationTime": time.time(),
            "tags": asked.get("Tags", {}),
        }
        target = {**(self._targets.get(key) or new), **given}
        if "MinCapacity" not in target or "MaxCapacity" not in target:
            return _refused("ValidationException", "MinCapacity and MaxCapacity are needed")
        self._targets[key] = target
        return _answered({"ScalableTargetARN": target["ScalableTargetARN"]})

    def _deregister(self, asked: Any) -> Answer:
        key = _key(asked)
        if self._targets.pop(key, None) is None:
            return _missing("scalable target", key)
        for name in list(self._policies):
            if name[:3] == key:
                self._policies.pop(name, None)
        return _answered({})

    def _describe_targets(self, asked: Any) -> Answer:
        found = [
            {name: target[name] for name in target if name != "tags"}
            for key, target in self._targets.items()
            if _asked(asked, key, asked.get("ResourceIds"))
        ]
        return _answered({"ScalableTargets": found})

    def _put_policy(self, asked: Any) -> Answer:
        key = _key(asked)
        if key not in self._targets:
            return _missing("scalable target", key)
        name = asked["PolicyName"]
        path = f"resource/{key[0]}/{key[1]}:policyName/{name}"
        new = {
            "PolicyARN": self._arn("autoscaling", f"scalingPolicy:{uuid.uuid4()}:{path}"),
            "CreationTime": time.time(),
            "Alarms": [],
        }
        old = self._policies.get((*key, name)) or new
        policy = {"PolicyType": "StepScaling", **old, **asked}
        self._policies[(*key, name)] = policy
        if key[0] == "ecs" and policy["PolicyType"] == "StepScaling":
            self._watch()
        return _answered({"PolicyARN": policy["PolicyARN"], "Alarms": []})

    def _delete_policy(self, asked: Any) -> Answer:
        key = _key(asked)
        if self._policies.pop((*key, asked["PolicyName"]), None) is None:
            return _missing("scaling policy", key)
        return _answered({})

    def _describe_policies(self, asked: Any) -> Answer:
        resources = [asked["ResourceId"]] if "ResourceId" in asked else None
        found = [
            policy
            for (*key, name), policy in self._policies.items()
            if _asked(asked, key, resources) and name in (asked.get("PolicyNames") or [name])
        ]
        return _answered({"ScalingPolicies": found})

    def _tagged(self, asked: Any) -> dict[str, str]:
        arn = asked["ResourceARN"]
        found = (each for each in self._targets.values() if each["ScalableTargetARN"] == arn)
        tags: dict[str, str] = next((each["tags"] for each in found), {})
        return tags

    def _list_tags(self, asked: Any) -> Answer:
        return _answered({"Tags": self._tagged(asked)})

    def _tag(self, asked: Any) -> Answer:
        self._tagged(asked).update(asked["Tags"])
        return _answered({})

    def _untag(self, asked: Any) -> Answer:
        for name in asked["TagKeys"]:
            self._tagged(asked).pop(name, None)
        return _answered({})

    def _watch(self) -> None:
        with self._starting:
            if not self._watched:
                self._alarms.watch(self._known, self._act)
                self._watched = True

    def _known(self) -> set[str]:
        return {policy["PolicyARN"] for _, policy in self._policies.all_items()}

    def _act(self, action: str, breach: float) -> None:
        """Do what a policy says, in the scope of its account and Region."""
        policies = self._policies.values()
        policy = next((each for each in policies if each["PolicyARN"] == action), None)
        if policy is None or policy["ServiceNamespace"] != "ecs":
            return
        target = self._targets.get(_key(policy))
        _, cluster, name = policy["ResourceId"].split("/")
        service = self._ecs._services.get(f"{cluster}/{name}")
        if target is None or service is None or service["status"] != "ACTIVE":
            return
        steps = self._steps.setdefault(target["ScalableTargetARN"], Steps(faster=FASTER))
        configuration = policy["StepScalingPolicyConfiguration"]
        wanted = steps.wanted(configuration, service["desiredCount"], breach)
        wanted = min(max(wanted, target["MinCapacity"]), target["MaxCapacity"])
        if wanted != service["desiredCount"]:
            steps.taken(configuration, service["desiredCount"], wanted)
            update = {"cluster": cluster, "service": name, "desiredCount": wanted}
            self._ecs._update_service(update)


def _key(asked: Any) -> Key:
    return asked["ServiceNamespace"], asked["ResourceId"], asked["ScalableDimension"]


def _asked(asked: Any, key: Sequence[str], resources: list[str] | None) -> bool:
    namespace, resource, dimension = key
    return (
        asked["ServiceNamespace"] == namespace
        and (resources is None or resource in resources)
        and asked.get("ScalableDimension", dimension) == dimension
    )


def _answered(told: Any) -> Answer:
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(told).encode()


def _missing(kind: str, key: Key) -> Answer:
    return _refused("ObjectNotFoundException", f"No {kind} found for {', '.join(key)}")


def _refused(kind: str, message: str) -> Answer:
    told = {"__type": kind, "message": message}
    return ERROR, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(told).encode()
