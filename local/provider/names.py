"""The physical names that Check fills in: the logical name and a suffix."""

import hashlib
import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from pulumi.runtime.proto import provider_pb2

from local.provider.wire import Properties

# The property that names a type, where it is another than `name`.
PROPERTIES = {
    "aws:cloudwatch/eventTarget:EventTarget": "targetId",
    "aws:lambda/permission:Permission": "statementId",
    "aws:s3/bucket:Bucket": "bucket",
}
LONGEST = {
    "aws:apigatewayv2/api:Api": 128,
    "aws:cloudwatch/eventArchive:EventArchive": 48,
    "aws:cloudwatch/eventRule:EventRule": 64,
    "aws:cloudwatch/eventTarget:EventTarget": 64,
    "aws:cognito/userPool:UserPool": 128,
    "aws:cognito/userPoolClient:UserPoolClient": 128,
    "aws:iam/role:Role": 64,
    "aws:iam/rolePolicy:RolePolicy": 128,
    "aws:lambda/function:Function": 64,
    "aws:lambda/permission:Permission": 100,
    "aws:pipes/pipe:Pipe": 64,
    "aws:s3/bucket:Bucket": 63,
    "aws:scheduler/schedule:Schedule": 64,
    "aws:scheduler/scheduleGroup:ScheduleGroup": 64,
    "aws:sqs/queue:Queue": 80,
}
# What AWS wants a name to begin with.
BEGINNINGS = {"aws:kms/alias:Alias": "alias/"}
LOWER_CASE = {"aws:ecr/repository:Repository", "aws:s3/bucket:Bucket"}
SUFFIX = 7
GENERATED = re.compile(rf"-[0-9a-f]{{{SUFFIX}}}(\.fifo)?$")
Modes = provider_pb2.CheckRequest.AutonamingOptions


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the project's `pulumi:autonaming` says of this resource."""

    mode: int = Modes.PROPOSE
    name: str = ""


def named(
    token: str,
    logical: str,
    seed: bytes,
    news: Properties,
    olds: Properties,
    inputs: Container[str],
    wish: Wish | None = None,
) -> Properties:
    """Return the name to add to the inputs; an update keeps the name that there is."""
    key = PROPERTIES.get(token, "name")
    if key not in inputs or key in news:
        return {}
    prefix = news.get(f"{key}Prefix")
    if key in olds and prefix == olds.get(f"{key}Prefix"):
        return {key: olds[key]}
    ending = ".fifo" if news.get("fifoQueue") or news.get("fifoTopic") else ""
    suffix = hashlib.sha256(seed + logical.encode()).hexdigest()[:SUFFIX]
    if prefix is not None:
        return {key: f"{prefix}{suffix}{ending}"}
    longest = LONGEST.get(token, 255) - len(ending)
    if wish is not None:
        return _wished(key, wish, longest, ending)
    whole = BEGINNINGS.get(token, "") + (logical.lower() if token in LOWER_CASE else logical)
    return {key: f"{whole[: longest - SUFFIX - 1]}-{suffix}{ending}"}


def _wished(key: str, wish: Wish, longest: int, ending: str) -> Properties:
    if wish.mode == Modes.DISABLE:
        return {}
    if wish.mode == Modes.ENFORCE:
        return {key: wish.name}
    return {key: wish.name.removesuffix(ending)[:longest] + ending}


def stays(token: str, olds: Properties, news: Properties) -> bool:
    """Whether a replacement has the name of what it replaces, which then has to go first.

    It has not where the name was made here: the engine then asks for another.
    """
    key = PROPERTIES.get(token, "name")
    name: Any = news.get(key)
    if name is None or name != olds.get(key) or f"{key}Prefix" in news:
        return False
    return GENERATED.search(str(name)) is None
