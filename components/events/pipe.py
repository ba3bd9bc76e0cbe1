"""A pipe of EventBridge Pipes."""

from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi_aws as aws

from components.core import policies
from components.core.encryption_key import DECRYPT
from components.core.links import Grant
from components.core.logs import log_group
from components.core.names import check_name
from components.events.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.events.pipe_args import PipeArgs
from components.events.pipe_source import Source, source_of
from components.events.queue import Queue

__all__ = ["Pipe", "PipeArgs"]

PIPES = "pipes.amazonaws.com"
# With this beginning, log groups do not count against the size of CloudWatch's resource policy:
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-logs.html
LOGS = "/aws/vendedlogs/pipes/"
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-pipes-cmkey.html
USE_KEY = (*DECRYPT, "kms:GenerateDataKey")
PARAMETERS = {
    "fifo": "sqs_queue_parameters",
    "kinesis": "kinesis_stream_parameters",
    "events": "eventbridge_event_bus_parameters",
}
INVOCATIONS = {
    "lambda": {"lambda_function_parameters": {"invocation_type": "REQUEST_RESPONSE"}},
    "states": {"step_function_state_machine_parameters": {"invocation_type": "FIRE_AND_FORGET"}},
}


class Pipe(pulumi.ComponentResource):
    """A pipe from a source to a target; what it gives up of a stream is in `failures`."""

    arn: pulumi.Output[str]
    failures: DeadLetterQueue | None
    """The failures of a stream or a table; a queue has its own dead letters."""

    def __init__(
        self, name: str, args: PipeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        super().__init__("toolkit:events:Pipe", name, {}, opts)
        self.name = name
        self.args = args
        child = pulumi.ResourceOptions(parent=self)
        self.failures = (
            None
            if isinstance(args.source, Queue)
            else DeadLetterQueue(f"{name}-failures", DeadLetterQueueArgs(key=args.key), child)
        )
        source = source_of(args.source, args.batches, args.records, self.failures)
        self.role = aws.iam.Role(
            f"{name}-role",
            assume_role_policy=policies.trust_source(PIPES, source.arn.apply(self._pattern)),
            opts=child,
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=self.role.name,
            policy=policies.identity(self._grants(source)),
            opts=child,
        )
        self.pipe = self._pipe(source, policy)
        self.arn = self.pipe.arn
        self.register_outputs({"arn": self.arn})

    def _pattern(self, source_arn: str) -> str:
        """Return the ARNs that the pipe may have: its role is there before it."""
        _, partition, _, region, account, *_ = source_arn.split(":")
        return f"arn:{partition}:pipes:{region}:{account}:pipe/{self.name}-*"

    def _grants(self, source: Source) -> Iterator[Grant]:
        yield from source.grants
        if self.args.enrichment:
            yield from self.args.enrichment.destination_grants()
        yield from self.args.target.destination_grants()
        if self.failures:
            yield from self.failures.sender_grants()
        if self.args.key:
            yield Grant(actions=USE_KEY, resources=(self.args.key.arn,))

    def _pipe(self, source: Source, policy: aws.iam.RolePolicy) -> aws.pipes.Pipe:
        args = self.args
        return aws.pipes.Pipe(
            f"{self.name}-pipe",
            # The role's trust names it.
            name_prefix=f"{self.name}-",
            role_arn=self.role.arn,
            source=source.arn,
            source_parameters=aws.pipes.PipeSourceParametersArgs(**source.parameters),
            enrichment=args.enrichment.target.arn if args.enrichment else None,
            enrichment_parameters=(
                aws.pipes.PipeEnrichmentParametersArgs(input_template=args.enrichment_template)
                if args.enrichment_template
                else None
            ),
            target=args.target.destination_arn,
            target_parameters=self._target(),
            desired_state=args.desired_state,
            log_configuration=aws.pipes.PipeLogConfigurationArgs(**self._logging()),
            kms_key_identifier=args.key.arn if args.key else None,
            # It begins to read at once.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )

    def _target(self) -> aws.pipes.PipeTargetParametersArgs | None:
        args = self.args
        parameters = {**args.parameters(PARAMETERS), **INVOCATIONS.get(args.kind, {})}
        if args.deduplication_id:
            queue = parameters["sqs_queue_parameters"]
            queue["message_deduplication_id"] = args.deduplication_id
        if args.input_template:
            parameters["input_template"] = args.input_template
        return aws.pipes.PipeTargetParametersArgs(**parameters) if parameters else None

    def _logging(self) -> dict[str, Any]:
        args = self.args
        if args.log_level == "OFF":
            return {"level": "OFF"}
        child = pulumi.ResourceOptions(parent=self)
        key_arn = args.key.arn if args.key else None
        group = log_group(self.name, args.logs, key_arn, child, prefix=f"{LOGS}{self.name}-")
        return {
            "level": args.log_level,
            "cloudwatch_logs_log_destination": {"log_group_arn": group.arn},
            "include_execution_datas": ["ALL"] if args.log_payloads else None,
        }
