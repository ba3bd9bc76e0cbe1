"""Which VPC endpoints the holders of links need, and what those let through."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.compute import repository
from components.core.checks import ArgumentsError
from components.core.links import Grant, Link

# Routes in the network's tables, at no charge.
GATEWAYS = frozenset({"dynamodb", "s3"})
PULL = tuple(sorted((*repository.PULL, "ecr:GetAuthorizationToken")))
# By the prefix of a service's actions in IAM, its endpoints.
# https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
ENDPOINTS: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in GATEWAYS},
    "cloudwatch": ("monitoring",),
    "ecr": ("ecr.api", "ecr.dkr"),
    "ecs": ("ecs",),
    "events": ("events",),
    "firehose": ("kinesis-firehose",),
    "kinesis": ("kinesis-streams",),
    "kms": ("kms",),
    "lambda": ("lambda",),
    "logs": ("logs",),
    "scheduler": ("scheduler",),
    "secretsmanager": ("secretsmanager",),
    "sns": ("sns",),
    "sqs": ("sqs",),
    "ssm": ("ssm",),
    "ssmmessages": ("ssmmessages",),
    "states": ("states",),
    "sts": ("sts",),
    "xray": ("xray",),
}
# Some actions have an endpoint of their own.
BY_ACTION = {"states:StartSyncExecution": ("sync-states",)}
# What runtimes and the code itself use without a link, by endpoint, and what they do there.
NAMED: Mapping[str, tuple[str, ...]] = {
    "ecr.api": PULL,
    "ecr.dkr": PULL,
    "kms": ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"),
    "logs": ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
    "monitoring": ("cloudwatch:PutMetricData",),
    "s3": ("s3:GetObject", "s3:ListBucket", "s3:PutObject"),
    "secretsmanager": ("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
    "ssm": ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"),
    # Of ECS Exec.
    "ssmmessages": tuple(
        f"ssmmessages:{verb}{kind}Channel"
        for verb in ("Create", "Open")
        for kind in ("Control", "Data")
    ),
    "sts": ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:GetCallerIdentity"),
    "xray": (
        *("xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords"),
        "xray:PutTraceSegments",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Use:
    """Actions that an endpoint lets through, and on what."""

    actions: tuple[str, ...]
    resources: tuple[pulumi.Input[str], ...] = ("*",)


def uses(
    links: Iterable[Link], named: Sequence[str], elsewhere: Sequence[str]
) -> dict[str, list[Use]]:
    """Return the endpoints that are needed, sorted, and what each lets through.

    Services of `elsewhere`, by their prefix in IAM, are reached by another way.

    Raises:
        ArgumentsError: for a service that has no endpoint here.
    """
    found: dict[str, list[Use]] = {}
    strange: set[str] = set()
    for grant in (grant for link in links for grant in _used(link)):
        actions = [each for each in grant.actions if _prefix(each) not in elsewhere]
        strange |= {_prefix(each) for each in actions} - ENDPOINTS.keys()
        for endpoint, through in _by_endpoint(actions).items():
            use = Use(actions=tuple(through), resources=grant.resources)
            found.setdefault(endpoint, []).append(use)
    if strange:
        names, known = ", ".join(sorted(strange)), ", ".join(sorted(ENDPOINTS))
        mistake = f"links use {names}, for which no endpoint is known: allowed are {known}"
        raise ArgumentsError([f"{mistake}, and others if elsewhere names them"])
    for endpoint in named:
        found.setdefault(endpoint, []).append(Use(actions=NAMED[endpoint]))
    if "ecr.dkr" in found:
        # The layers of images are objects.
        found.setdefault("s3", [])
    return dict(sorted(found.items()))


def _used(link: Link) -> tuple[Grant, ...]:
    """Return the grants by which a link's holder itself calls a service.

    Those of the key of an encrypted resource are used by the resource's service in its name.
    """
    others = tuple(g for g in link.grants if any(_prefix(a) != "kms" for a in g.actions))
    return others or link.grants


def _by_endpoint(actions: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for action in actions:
        for endpoint in BY_ACTION.get(action, ENDPOINTS.get(_prefix(action), ())):
            found.setdefault(endpoint, []).append(action)
    return found


def _prefix(action: str) -> str:
    return action.partition(":")[0]
