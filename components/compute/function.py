"""A Lambda function with everything that belongs to it."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.compute.asynchronous import AsynchronousInvocation
from components.compute.durable_execution import CALL_BACK, CHECKPOINT
from components.compute.function_args import FunctionArgs, VpcPlacement
from components.compute.function_grants import own_grants
from components.compute.function_inputs import function_inputs, timeouts
from components.compute.managed_instances import PUBLISHED
from components.compute.provisioned_concurrency import keep_warm
from components.compute.release import Release, ReleaseArgs
from components.core import policies
from components.core.checks import check, when
from components.core.links import Grant, Link, environment
from components.core.logs import log_group
from components.core.names import check_name, variable
from components.events.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.events.rule_target import EVENTS, Rule

__all__ = ["Function", "FunctionArgs", "VpcPlacement"]

ALIAS = "live"


class Function(pulumi.ComponentResource):
    """A function that does what its links grant and no more, and is called by its alias only."""

    target: aws.lambda_.Alias
    """The one qualified address: triggers, permissions and workflows use it and nothing else."""

    def __init__(
        self, name: str, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        super().__init__("toolkit:compute:Function", name, {}, opts)
        self.name = name
        self.args = args
        child = pulumi.ResourceOptions(parent=self)
        if args.managed_instances:
            args.managed_instances.attach(name)
        key_arn = args.key.arn if args.key else None
        self.logs = log_group(name, args.logs, key_arn, child)
        self.role = aws.iam.Role(
            f"{name}-role",
            assume_role_policy=policies.trust("lambda.amazonaws.com"),
            opts=child,
        )
        # Lambda sends a durable function's failures to its dead-letter queue and nowhere else.
        self.failed_events = self._failed_events() if args.durable else None
        policy = self.grant(
            "policy", *own_grants(args, self.logs.arn, self.failed_events), *_grants(args.links)
        )
        self.function = self._function(policy)
        # Only after the function: its policy names it, and nobody knows its name before.
        needed: list[pulumi.Resource] = [self._checkpoints()] if args.durable else []
        release = self._release()
        self.target = aws.lambda_.Alias(
            f"{name}-live",
            name=ALIAS,
            function_name=self.function.name,
            function_version=PUBLISHED if args.managed_instances else self.function.version,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*needed, *(release.needed if release else [])],
                hooks=release.hooks if release else None,
            ),
        )
        self._scale()
        keep_warm(name, args.size, self.target, self)
        self._asynchronous = False
        if args.asynchronous:
            self.keep_failed_events()
        if args.recursion:
            self._allow_recursion()
        self.register_outputs({"target": self.target.arn, "log_group": self.logs.name})

    def grant(self, kind: str, *grants: Grant) -> aws.iam.RolePolicy:
        """Give the function's role one more inline policy, named after its purpose."""
        return aws.iam.RolePolicy(
            f"{self.name}-{kind}",
            role=self.role.name,
            policy=policies.identity(grants),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def permit(
        self,
        kind: str,
        service: str,
        source_arn: pulumi.Input[str],
        source_account: pulumi.Input[str] | None = None,
    ) -> aws.lambda_.Permission:
        """Let one source of an AWS service invoke the target; an ARN may tell no account."""
        return aws.lambda_.Permission(
            f"{self.name}-{kind}",
            action="lambda:InvokeFunction",
            function=self.function.name,
            qualifier=self.target.name,
            principal=service,
            source_arn=source_arn,
            source_account=source_account,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def keep_failed_events(self) -> None:
        """Retry asynchronous events and keep those that fail; such triggers ask for it."""
        if self._asynchronous or self.failed_events:
            return
        self._asynchronous = True
        settings = self.args.asynchronous or AsynchronousInvocation()
        on_failure = settings.on_failure or self._failed_events()
        policy = self.grant("destinations-policy", *settings.grants(on_failure))
        aws.lambda_.FunctionEventInvokeConfig(
            f"{self.name}-asynchronous",
            function_name=self.function.name,
            qualifier=self.target.name,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
            **settings.inputs(on_failure),
        )

    def rule_target(self, rule: Rule) -> dict[str, Any]:
        """Let a rule of a bus invoke the target."""
        self.permit(f"{rule.name}-permission", EVENTS, rule.arn)
        self.keep_failed_events()
        return {"arn": self.target.arn}

    @property
    def destination_arn(self) -> pulumi.Output[str]:
        """Where another function sends the results of its asynchronous invocations."""
        return self.target.arn

    def destination_grants(self) -> tuple[Grant, ...]:
        """Return what another function needs for that."""
        return (Grant(actions=("lambda:InvokeFunction",), resources=(self.target.arn,)),)

    def invoker(self) -> Link:
        """Let a function invoke the target; `<NAME>_FUNCTION_ARN` says where."""
        return Link(
            grants=self.destination_grants(),
            environment={variable(self.name, "FUNCTION_ARN"): self.target.arn},
        )

    def callback_sender(self) -> Link:
        """Let a function end, fail or keep alive the callbacks that the durable one waits for.

        Raises:
            ArgumentsError: when this one is not durable.
        """
        check(
            when(
                not self.args.durable,
                f"function {self.name} is not durable: allowed is a durable one",
            )
        )
        return Link(grants=(Grant(actions=CALL_BACK, resources=(self._executions(),)),))

    def warn_if_synchronous(self, trigger: str) -> None:
        """Warn of a trigger that waits for the result, where executions may last longer."""
        if self.args.durable and (mistake := self.args.durable.too_long(self.name, trigger)):
            pulumi.log.warn(mistake, self)

    def check_if_polled(self, source: str) -> None:
        """Refuse a mapping that Lambda would: it waits for the result too.

        Raises:
            ArgumentsError: when executions of a durable function may last longer than that.
        """
        if self.args.durable:
            check(self.args.durable.too_long(self.name, source))

    def hook_mistake(self) -> str | None:
        """Return why CodeDeploy, which knows a hook by its name alone, cannot invoke it."""
        return when(
            bool(self.args.durable or self.args.managed_instances),
            f"hook {self.name} is durable or on managed_instances: allowed is one that is not",
        )

    def _executions(self) -> pulumi.Output[str]:
        # IAM decides by the execution's ARN, which begins with that of its function's version.
        return self.function.arn.apply(lambda arn: f"{arn}:*")

    def _checkpoints(self) -> aws.iam.RolePolicy:
        return self.grant(
            "durable-policy", Grant(actions=CHECKPOINT, resources=(self._executions(),))
        )

    def _failed_events(self) -> DeadLetterQueue:
        return DeadLetterQueue(
            f"{self.name}-failed-events",
            DeadLetterQueueArgs(key=self.args.key),
            pulumi.ResourceOptions(parent=self),
        )

    def _allow_recursion(self) -> None:
        aws.lambda_.FunctionRecursionConfig(
            f"{self.name}-recursion",
            function_name=self.function.name,
            recursive_loop="Allow",
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _function(self, policy: aws.iam.RolePolicy) -> aws.lambda_.Function:
        args = self.args
        # Lambda cannot change one into the other: under its own name each is another function, and
        # the alias, and what names it, is replaced with it.
        kind = "managed-function" if args.managed_instances else "function"
        mounts = args.file_system.mount_targets if args.file_system else ()
        return aws.lambda_.Function(
            f"{self.name}-{kind}",
            opts=pulumi.ResourceOptions(
                parent=self,
                # A role without its policy fails its first calls.
                depends_on=[policy, *mounts],
                custom_timeouts=timeouts(args),
            ),
            **function_inputs(
                args,
                role_arn=self.role.arn,
                log_group=self.logs.name,
                dead_letters_arn=self.failed_events.arn if self.failed_events else None,
                variables=self._environment(),
            ),
        )

    def _scale(self) -> None:
        if self.args.managed_instances is None:
            return
        size = self.args.managed_instances.size
        aws.lambda_.FunctionScalingConfig(
            f"{self.name}-scaling",
            function_name=self.function.name,
            qualifier=PUBLISHED,
            # Both, always: Lambda sets the one that is not given back to its default.
            function_scaling_config={
                "min_execution_environments": size.min_environments,
                "max_execution_environments": size.max_environments,
            },
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _release(self) -> Release | None:
        if self.args.release is None:
            return None
        return Release(
            f"{self.name}-release",
            ReleaseArgs(function=self.function, alias=ALIAS, settings=self.args.release),
            pulumi.ResourceOptions(parent=self),
        )

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        standard = {
            "POWERTOOLS_SERVICE_NAME": self.name,
            "POWERTOOLS_METRICS_NAMESPACE": pulumi.get_project(),
        }
        return environment(self.args.links, {**standard, **self.args.environment})


def _grants(links: Sequence[Link]) -> list[Grant]:
    return [grant for link in links for grant in link.grants]
