"""A workflow."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.core import policies
from components.core.links import Grant, Link
from components.core.logs import log_group
from components.core.names import check_name, variable
from components.events.rule_target import Rule, role_arn
from components.workflow.rights import rights, rights_on_itself
from components.workflow.state import everywhere
from components.workflow.workflow_args import WorkflowArgs

__all__ = ["Workflow", "WorkflowArgs"]

ALIAS = "live"
STATES = "states.amazonaws.com"
# A group whose name begins so is not limited by the size of the policy by which logs are
# delivered: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
LOGS = "/aws/vendedlogs/states/"
# What brings the logs of a machine with a key to their group.
DELIVERY = "delivery.logs"
CALL_BACK = ("states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess")
# How long one data key serves, before Step Functions asks KMS for another.
REUSE_SECONDS = 300


class Workflow(pulumi.ComponentResource):
    """A state machine that may do what its states say and no more, started by its alias only."""

    target: aws.sfn.Alias
    """The one qualified address: rules, schedules and functions start it and nothing else."""

    def __init__(
        self, name: str, args: WorkflowArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        if args.key and args.logging()["level"] != "OFF":
            args.key.check_service(DELIVERY, f"workflow {name} logs")
        super().__init__("toolkit:workflow:Workflow", name, {}, opts)
        self.name = name
        self.args = args
        child = pulumi.ResourceOptions(parent=self)
        key_arn = args.key.arn if args.key else None
        self.logs = log_group(name, args.logs, key_arn, child, prefix=f"{LOGS}{name}-")
        self.role = aws.iam.Role(
            f"{name}-role", assume_role_policy=policies.trust(STATES), opts=child
        )
        self.machine = self._machine(self._grant("policy", rights(args)))
        own = rights_on_itself(args, self.machine.arn)
        self.target = self._live([self._grant("map-policy", own)] if own else [])
        for state in everywhere(args.states):
            state.connect()
        self.register_outputs({"target": self.target.arn, "log_group": self.logs.name})

    def starter(self) -> Link:
        """Let a function start executions; `<NAME>_WORKFLOW_ARN` says where.

        Those of an EXPRESS workflow it may also wait for.
        """
        waiting = ("states:StartSyncExecution",) if self.args.express else ()
        start = Grant(actions=("states:StartExecution", *waiting), resources=(self.target.arn,))
        return Link(
            grants=(start,), environment={variable(self.name, "WORKFLOW_ARN"): self.target.arn}
        )

    def callback_sender(self) -> Link:
        """Let a function answer for the tokens of this workflow's tasks, or say that it works."""
        # IAM compares with the machine that the token is of, whatever alias started it.
        return Link(grants=(Grant(actions=CALL_BACK, resources=(self.machine.arn,)),))

    @property
    def destination_arn(self) -> pulumi.Output[str]:
        """Where a service starts executions by a role."""
        return self.target.arn

    def destination_grants(self) -> tuple[Grant, ...]:
        """Return what a role needs for that."""
        return (Grant(actions=("states:StartExecution",), resources=(self.target.arn,)),)

    def rule_target(self, rule: Rule) -> dict[str, Any]:
        """Let a rule of a bus start an execution with each event."""
        return {"arn": self.target.arn, "role_arn": role_arn(rule, *self.destination_grants())}

    def _grant(self, kind: str, grants: Sequence[Grant]) -> aws.iam.RolePolicy:
        return aws.iam.RolePolicy(
            f"{self.name}-{kind}",
            role=self.role.name,
            policy=policies.identity(grants),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _machine(self, policy: aws.iam.RolePolicy) -> aws.sfn.StateMachine:
        args = self.args
        partition = self.role.arn.apply(lambda arn: arn.split(":")[1])
        return aws.sfn.StateMachine(
            f"{self.name}-machine",
            type=args.type,
            role_arn=self.role.arn,
            definition=pulumi.Output.json_dumps(args.definition(partition)),
            logging_configuration=aws.sfn.StateMachineLoggingConfigurationArgs(
                log_destination=pulumi.Output.concat(self.logs.arn, ":*"), **args.logging()
            ),
            tracing_configuration={"enabled": args.tracing},
            encryption_configuration=(
                aws.sfn.StateMachineEncryptionConfigurationArgs(
                    type="CUSTOMER_MANAGED_KMS_KEY",
                    kms_key_id=args.key.arn,
                    kms_data_key_reuse_period_seconds=REUSE_SECONDS,
                )
                if args.key
                else None
            ),
            publish=True,
            # Step Functions tries the role's rights to deliver logs when it makes the machine.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )

    def _live(self, policies_: Sequence[aws.iam.RolePolicy]) -> aws.sfn.Alias:
        version = self.machine.state_machine_version_arn
        return aws.sfn.Alias(
            f"{self.name}-live",
            name=ALIAS,
            routing_configurations=[{"state_machine_version_arn": version, "weight": 100}],
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=policies_,
                # An alias stays with its machine: it cannot name a version of another.
                replace_with=[self.machine],
            ),
        )
