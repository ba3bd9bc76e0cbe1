"""A load balancer for the services of containers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.core import policies
from components.core.account import Account
from components.core.checks import between, check, check_fields, matches, when
from components.core.names import check_name
from components.data.bucket_args import LifecycleRule
from components.data.bucket_base import PrivateBucket

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
LOG_DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"
LOGS = "access"
KEPT = LifecycleRule(expire_days=365, noncurrent_days=1)
# TLS 1.2 and 1.3 with forward secrecy:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
TLS = "ELBSecurityPolicy-TLS13-1-2-2021-06"
# A physical name has 32 characters, of which Pulumi needs eight and the kind up to three:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
LONGEST_NAME = 21
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
MOST_PATHS = 5


@dataclass(frozen=True, kw_only=True)
class LoadBalancerArgs:
    """Settings of a LoadBalancer.

    The subnets are in two zones or more; of an `internal` one they are private. `protect` keeps it
    from being deleted, `force_destroy` lets its logs be deleted with it.
    """

    account: Account
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    certificate_arn: pulumi.Input[str]
    internal: bool = False
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
    idle_timeout_seconds: Annotated[int, Interval(ge=1, le=4_000)] = 60
    force_destroy: bool = False
    protect: bool = False

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            between("number of subnet_ids", len(self.subnet_ids), 2, 16),
            between("number of security_group_ids", len(self.security_group_ids), 1, 5),
        )


class LoadBalancer(pulumi.ComponentResource):
    """A load balancer that speaks TLS only, drops invalid headers, and logs each request."""

    arn: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]
    """With the DNS name, what an alias record of Route 53 asks for."""

    def __init__(
        self, name: str, args: LoadBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        check(short_name_mistake(name))
        super().__init__("toolkit:network:LoadBalancer", name, {}, opts)
        self.name = name
        self.args = args
        self.balancer = self._balancer(*self._logs())
        self.listener = self._listen()
        self.arn = self.balancer.arn
        self.dns_name = self.balancer.dns_name
        self.zone_id = self.balancer.zone_id
        self.register_outputs({"arn": self.arn, "dns_name": self.dns_name})

    def target_group(
        self, name: str, port: int, serving: "Serving", parent: pulumi.Resource
    ) -> tuple[aws.lb.TargetGroup, aws.lb.ListenerRule]:
        """Make the targets of a service, and the rule that leads to them.

        Raises:
            ArgumentsError: for a name of over 21 characters.
        """
        check(short_name_mistake(name))
        child = pulumi.ResourceOptions(parent=parent)
        group = aws.lb.TargetGroup(
            f"{name}-tg",
            target_type="ip",
            vpc_id=self.args.vpc_id,
            port=port,
            protocol="HTTP",
            deregistration_delay=serving.deregistration_seconds,
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                enabled=True,
                path=serving.health_path,
                protocol="HTTP",
                matcher="200",
                interval=15,
                timeout=5,
                healthy_threshold=2,
                unhealthy_threshold=3,
            ),
            opts=child,
        )
        rule = aws.lb.ListenerRule(
            f"{name}-rule",
            listener_arn=self.listener.arn,
            priority=serving.priority,
            conditions=[
                aws.lb.ListenerRuleConditionArgs(
                    path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(
                        values=list(serving.paths)
                    )
                )
            ],
            actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=group.arn)],
            opts=child,
        )
        return group, rule

    def _logs(self) -> tuple[PrivateBucket, aws.s3.BucketPolicy]:
        """Make the bucket of the access logs, with keys of S3's: ELB takes no others."""
        args, account = self.args, self.args.account
        logs = PrivateBucket(
            f"{self.name}-logs", self, force_destroy=args.force_destroy, protect=args.protect
        )
        objects = pulumi.Output.format("{0}/{1}/AWSLogs/{2}/*", logs.arn, LOGS, account.id)
        where = (account.partition, account.region, account.id)
        balancers = pulumi.Output.format(
            "arn:{0}:elasticloadbalancing:{1}:{2}:loadbalancer/app/*", *where
        )
        write = policies.service_may(LOG_DELIVERY, "s3:PutObject", objects, balancers)
        return logs, logs.secure(lifecycle=[KEPT], statements=[write])

    def _balancer(self, logs: PrivateBucket, policy: aws.s3.BucketPolicy) -> aws.lb.LoadBalancer:
        args = self.args
        return aws.lb.LoadBalancer(
            f"{self.name}-lb",
            load_balancer_type="application",
            internal=args.internal,
            subnets=list(args.subnet_ids),
            security_groups=list(args.security_group_ids),
            drop_invalid_header_fields=True,
            desync_mitigation_mode="defensive",
            idle_timeout=args.idle_timeout_seconds,
            enable_deletion_protection=args.protect,
            access_logs={"enabled": True, "bucket": logs.name, "prefix": LOGS},
            # It writes a test object first.
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect, depends_on=[policy]),
        )

    def _listen(self) -> aws.lb.Listener:
        """Send plain HTTP on to HTTPS, where what no rule leads to is not found."""
        child = pulumi.ResourceOptions(parent=self)
        aws.lb.Listener(
            f"{self.name}-http",
            load_balancer_arn=self.balancer.arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(
                    type="redirect",
                    redirect=aws.lb.ListenerDefaultActionRedirectArgs(
                        protocol="HTTPS", port="443", status_code="HTTP_301"
                    ),
                )
            ],
            opts=child,
        )
        return aws.lb.Listener(
            f"{self.name}-https",
            load_balancer_arn=self.balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=TLS,
            certificate_arn=self.args.certificate_arn,
            default_actions=[
                aws.lb.ListenerDefaultActionArgs(
                    type="fixed-response",
                    fixed_response=aws.lb.ListenerDefaultActionFixedResponseArgs(
                        content_type="text/plain", status_code="404"
                    ),
                )
            ],
            opts=child,
        )


@dataclass(frozen=True, kw_only=True)
class Serving:
    """How a service stands behind a load balancer.

    It is sent the requests for its `paths`; of several services the one with the least `priority`
    comes first. A task is well when `health_path` answers 200; in its first `grace_seconds` it may
    fail. One that is to end gets no new requests for `deregistration_seconds`, and then SIGTERM.
    """

    load_balancer: LoadBalancer
    paths: Sequence[str] = ("/*",)
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
    priority: Annotated[int, Interval(ge=1, le=50_000)] = 1
    health_path: str = "/health"
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
    deregistration_seconds: Annotated[int, Interval(ge=0, le=3_600)] = 30
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
    grace_seconds: Annotated[int, Interval(ge=0, le=2_147_483_647)] = 60

    def __post_init__(self) -> None:
        check_fields(self)
        check(*self._mistakes())

    def _mistakes(self) -> Iterator[str | None]:
        yield between("number of paths", len(self.paths), 1, MOST_PATHS)
        for name, path in [("health_path", self.health_path), *(("path", p) for p in self.paths)]:
            most = 1_024 if name == "health_path" else 128
            words = f"/ and up to {most - 1:,} characters"
            yield matches(name, path, rf"/\S{{0,{most - 1}}}", words)


def short_name_mistake(name: str) -> str | None:
    """Refuse a name that the physical names of Elastic Load Balancing have no room for."""
    return when(
        len(name) > LONGEST_NAME,
        f"name is {name!r}: allowed is up to {LONGEST_NAME} characters with a load balancer",
    )
