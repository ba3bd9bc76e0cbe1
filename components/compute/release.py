"""The release of a function's new versions by CodeDeploy."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.compute import traffic
from components.compute.release_settings import ReleaseSettings, TrafficShift
from components.core import policies
from components.core.checks import check, matches
from components.core.links import Grant
from components.core.names import check_name

ROLLBACK = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")


@dataclass(frozen=True, kw_only=True)
class ReleaseArgs:
    """Settings of a Release: whose alias moves, and how."""

    function: aws.lambda_.Function
    alias: str
    settings: ReleaseSettings


class Release(pulumi.ComponentResource):
    """What moves an alias to a new version step by step, and back when something is wrong.

    The alias is given `hooks`: with these, an `up` that would change its version has CodeDeploy
    move it, waits, and fails when the release does. The alias then serves the version before, and
    so says the state.
    """

    hooks: pulumi.ResourceHookBinding

    def __init__(
        self, name: str, args: ReleaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        super().__init__("toolkit:compute:Release", name, {}, opts)
        self.name = name
        self.args = args
        child = pulumi.ResourceOptions(parent=self)
        application = aws.codedeploy.Application(
            f"{name}-application", compute_platform="Lambda", opts=child
        )
        self.alarms = (self._errors(), *args.settings.alarms)
        role = aws.iam.Role(
            f"{name}-role",
            assume_role_policy=policies.trust("codedeploy.amazonaws.com"),
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.name,
            policy=policies.identity(self._grants()),
            opts=child,
        )
        group = aws.codedeploy.DeploymentGroup(
            f"{name}-group",
            app_name=application.name,
            deployment_group_name=args.alias,
            deployment_config_name=self._configuration(args.settings.shift),
            service_role_arn=role.arn,
            deployment_style={
                "deployment_option": "WITH_TRAFFIC_CONTROL",
                "deployment_type": "BLUE_GREEN",
            },
            auto_rollback_configuration={"enabled": True, "events": list(ROLLBACK)},
            alarm_configuration={
                "enabled": True,
                "alarms": [alarm.name for alarm in self.alarms],
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.needed: list[pulumi.Resource] = [group, *self._permit_hooks(group)]
        self.hooks = pulumi.ResourceHookBinding(before_update=[self._hook(group)])
        self.register_outputs({"group": group.arn})

    def _errors(self) -> aws.cloudwatch.MetricAlarm:
        """Watch the errors of what the alias serves, by whichever version."""
        name, alias = self.args.function.name, self.args.alias
        most = self.args.settings.errors_per_minute
        return aws.cloudwatch.MetricAlarm(
            f"{self.name}-errors",
            alarm_description=f"{most} errors of {self.name} in a minute or more",
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimensions={
                "FunctionName": name,
                "Resource": pulumi.Output.format("{0}:{1}", name, alias),
            },
            statistic="Sum",
            period=60,
            evaluation_periods=1,
            threshold=most,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="notBreaching",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _grants(self) -> list[Grant]:
        # Those of AWSCodeDeployRoleForLambdaLimited that a release without S3 needs, on this
        # function, these alarms and these hooks.
        arn = self.args.function.arn
        alias = pulumi.Output.format("{0}:{1}", arn, self.args.alias)
        move = ("lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig")
        alarms = tuple(alarm.arn for alarm in self.alarms)
        grants = [
            Grant(actions=move, resources=(arn, alias)),
            Grant(actions=("cloudwatch:DescribeAlarms",), resources=alarms),
        ]
        settings = self.args.settings
        if settings.validators():
            hooks = tuple(hook.function.arn for hook in settings.validators())
            grants.append(Grant(actions=("lambda:InvokeFunction",), resources=hooks))
        return grants

    def _configuration(self, shift: TrafficShift) -> pulumi.Input[str]:
        if shift.predefined:
            return shift.predefined
        kind = shift.kind
        step: Any = {"percentage": shift.percent, "interval": shift.minutes}
        # The numbers are in the name, because a configuration cannot change.
        stage = f"{pulumi.get_project()}-{pulumi.get_stack()}-{self.name}"
        name = f"{stage}-{kind}-{shift.percent}-percent-{shift.minutes}-minutes"
        check(matches("name of the deployment configuration", name, ".{1,100}", "100 characters"))
        return aws.codedeploy.DeploymentConfig(
            f"{self.name}-configuration",
            deployment_config_name=name,
            compute_platform="Lambda",
            traffic_routing_config=aws.codedeploy.DeploymentConfigTrafficRoutingConfigArgs(
                type=f"TimeBased{kind.capitalize()}",
                time_based_canary=step if kind == "canary" else None,
                time_based_linear=step if kind == "linear" else None,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        ).deployment_config_name

    def _permit_hooks(self, group: aws.codedeploy.DeploymentGroup) -> list[pulumi.Resource]:
        """Let hooks read which version is released, invoke it, and say how that went."""
        versions = pulumi.Output.format("{0}:*", self.args.function.arn)
        grants = (
            Grant(
                actions=(
                    "codedeploy:GetDeployment",
                    "codedeploy:PutLifecycleEventHookExecutionStatus",
                ),
                resources=(group.arn,),
            ),
            Grant(actions=("lambda:InvokeFunction",), resources=(versions,)),
        )
        hooks = self.args.settings.validators()
        return [hook.grant(f"{self.name}-policy", *grants) for hook in hooks]

    def _hook(self, group: aws.codedeploy.DeploymentGroup) -> pulumi.ResourceHook:
        hooks = self.args.settings.hooks()
        known = pulumi.Output.all(
            group.app_name, group.deployment_group_name, *(h.function.arn for h in hooks.values())
        )

        async def release(args: pulumi.ResourceHookArgs) -> None:
            """Have CodeDeploy move the alias; the engine updates it when that is done."""
            old, new = args.old_inputs or {}, args.new_inputs or {}
            if old.get("functionVersion") == new.get("functionVersion"):
                return
            values: Any = await known.future()
            application, name, *arns = values
            plan = traffic.Plan(
                application=application,
                group=name,
                alias_arn=(args.old_outputs or {})["arn"],
                hooks=dict(zip(hooks, arns, strict=True)),
            )
            # In a thread: the program's own loop answers the engine meanwhile.
            await asyncio.to_thread(traffic.release, plan, new["functionVersion"])

        return pulumi.ResourceHook(self.name, release)
