"""A workflow."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components.core import policies
from components.core.links import Grant, Link
from components.core.logs import log_group
from components.core.names import check_name, variable
from components.events.rule_target import Rule, role_arn
from components.workflow.definition import definition
from components.workflow.graph import everywhere
from components.workflow.workflow_args import WorkflowArgs

__all__ = ["Workflow", "WorkflowArgs"]

ALIAS = "live"
STATES = "states.amazonaws.com"
# A group whose name begins so is not limited by the size of the policy by which logs are
# delivered: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
LOGS = "/aws/vendedlogs/states/"
DELIVER = tuple(
    f"logs:{action}"
    for action in (
        *("CreateLogDelivery", "DeleteLogDelivery", "DescribeLogGroups"),
        *("DescribeResourcePolicies", "GetLogDelivery", "ListLogDeliveries"),
        *("PutResourcePolicy", "UpdateLogDelivery"),
    )
)
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
TRACE = tuple(
    f"xray:{action}"
    for action in (
        *("GetSamplingRules", "GetSamplingTargets"),
        *("PutTelemetryRecords", "PutTraceSegments"),
    )
)
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
        super().__init__("toolkit:workflow:Workflow", name, {}, opts)
        self.name = name
        self.args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.logs = log_group(
            name,
            args.logs,
            args.key.arn if args.key else None,
            self._child,
            prefix=f"{LOGS}{name}-",
        )
        self.role = aws.iam.Role(
            f"{name}-role", assume_role_policy=policies.trust(STATES), opts=self._child
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=self.role.name,
            policy=policies.identity(self._grants()),
            opts=self._child,
        )
        self.machine = self._machine(policy)
        self.target = aws.sfn.Alias(
            f"{name}-live",
            name=ALIAS,
            routing_configurations=[
                {
                    "state_machine_version_arn": self.machine.state_machine_version_arn,
                    "weight": 100,
                }
            ],
            # An alias stays with its machine: it cannot name a version of another.
            opts=pulumi.ResourceOptions(parent=self, replace_with=[self.machine]),
        )
        for state in everywhere(args.states):
            state.connect()
        self.register_outputs({"target": self.target.arn, "log_group": self.logs.name})

    def starter(self) -> Link:
        """Let a function start executions; `<NAME>_WORKFLOW_ARN` says where.

        Those of an EXPRESS workflow it may also wait for.
        """
        return Link(
            grants=self._start_grants("StartExecution", *self._synchronous()),
            environment={variable(self.name, "WORKFLOW_ARN"): self.target.arn},
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
        return self._start_grants("StartExecution")

    def rule_target(self, rule: Rule) -> dict[str, Any]:
        """Let a rule of a bus start an execution with each event."""
        return {"arn": self.target.arn, "role_arn": role_arn(rule, *self.destination_grants())}

    def _synchronous(self) -> tuple[str, ...]:
        return ("StartSyncExecution",) if self.args.express else ()

    def _start_grants(self, *actions: str) -> tuple[Grant, ...]:
        named = tuple(f"states:{action}" for action in actions)
        return (Grant(actions=named, resources=(self.target.arn,)),)

    def _grants(self) -> list[Grant]:
        args = self.args
        grants = [Grant(actions=DELIVER, resources=("*",))]
        if args.tracing:
            grants.append(Grant(actions=TRACE, resources=("*",)))
        if args.key:
            own = Grant(actions=("kms:Decrypt", "kms:GenerateDataKey"), resources=(args.key.arn,))
            grants.append(own)
        for state in everywhere(args.states):
            grants += state.grants()
        for link in args.links:
            grants += link.grants
        return grants

    def _machine(self, policy: aws.iam.RolePolicy) -> aws.sfn.StateMachine:
        args = self.args
        partition = self.role.arn.apply(lambda arn: arn.split(":")[1])
        written = definition(args.states, partition, args.timeout_seconds, args.comment)
        return aws.sfn.StateMachine(
            f"{self.name}-machine",
            type=args.type,
            role_arn=self.role.arn,
            definition=pulumi.Output.json_dumps(written),
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
