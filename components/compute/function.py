"""A Lambda function with everything that belongs to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.compute.function_size import FunctionSize
from components.compute.layer import Layer
from components.compute.runtime import ARCHITECTURE, RUNTIME, Architecture
from components.core import policies
from components.core.checks import check, check_fields, matches, when
from components.core.encryption_key import DECRYPT, EncryptionKey
from components.core.links import Grant, Link, environment
from components.core.logs import LogSettings, log_group
from components.core.names import check_name
from components.core.packaging import package_folder

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST_LAYERS = 5
ENVIRONMENT_BYTES = 4_096
ALIAS = "live"


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    """Settings of a Function.

    `code` is a folder; it and its sibling `shared` are packaged, and `handler` names a function in
    it from the folder's own name on, such as `orders.handler.place`.
    """

    code: str
    handler: str
    size: FunctionSize = field(default_factory=FunctionSize)
    layers: Sequence[Layer] = ()
    links: Sequence[Link] = ()
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    architecture: Architecture = ARCHITECTURE
    logs: LogSettings = field(default_factory=LogSettings)
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        plain = {k: v for k, v in self.environment.items() if isinstance(v, str)}
        used = sum(len(k.encode()) + len(v.encode()) for k, v in plain.items())
        check_fields(self)
        check(
            matches(
                "handler", self.handler, r"(?=.{1,128}$)\w+(\.\w+)+", "package.module.function"
            ),
            when(
                len(self.layers) > MOST_LAYERS,
                f"layers has {len(self.layers)} entries: allowed is {MOST_LAYERS}",
            ),
            when(
                used > ENVIRONMENT_BYTES,
                f"environment has {used:,} bytes: allowed is {ENVIRONMENT_BYTES:,}",
            ),
            *(
                matches("environment key", key, r"[A-Za-z]\w+", "two letters, digits, _ or more")
                for key in self.environment
            ),
        )


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
        key_arn = args.key.arn if args.key else None
        self.logs = log_group(name, args.logs, key_arn, child)
        self.role = aws.iam.Role(
            f"{name}-role",
            assume_role_policy=policies.trust("lambda.amazonaws.com"),
            opts=child,
        )
        policy = self.grant("policy", *self._own_grants(), *_grants(args.links))
        self.function = self._function(policy)
        self.target = aws.lambda_.Alias(
            f"{name}-live",
            name=ALIAS,
            function_name=self.function.name,
            function_version=self.function.version,
            opts=child,
        )
        self._keep_warm()
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
        self, kind: str, service: str, source_arn: pulumi.Input[str]
    ) -> aws.lambda_.Permission:
        """Let one source of an AWS service invoke the target."""
        return aws.lambda_.Permission(
            f"{self.name}-{kind}",
            action="lambda:InvokeFunction",
            function=self.function.name,
            qualifier=self.target.name,
            principal=service,
            source_arn=source_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _own_grants(self) -> list[Grant]:
        streams = self.logs.arn.apply(lambda arn: f"{arn}:log-stream:*")
        grants = [
            Grant(actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(streams,)),
            Grant(actions=("xray:PutTraceSegments", "xray:PutTelemetryRecords"), resources=("*",)),
        ]
        if self.args.key:
            grants.append(Grant(actions=DECRYPT, resources=(self.args.key.arn,)))
        return grants

    def _function(self, policy: aws.iam.RolePolicy) -> aws.lambda_.Function:
        args, size = self.args, self.args.size
        return aws.lambda_.Function(
            f"{self.name}-function",
            role=self.role.arn,
            runtime=RUNTIME,
            architectures=[args.architecture],
            handler=args.handler,
            code=pulumi.FileArchive(package_folder(args.code).path),
            layers=[layer.arn for layer in args.layers],
            memory_size=size.memory_mb,
            timeout=size.timeout_seconds,
            ephemeral_storage={"size": size.ephemeral_storage_mb},
            reserved_concurrent_executions=size.reserved_concurrency,
            environment={"variables": self._environment()},
            kms_key_arn=args.key.arn if args.key else None,
            tracing_config={"mode": "Active"},
            # Both levels, always: a missing one drifts for ever (terraform-provider-aws 33383).
            logging_config={
                "log_format": "JSON",
                "log_group": self.logs.name,
                "application_log_level": args.logs.level,
                "system_log_level": "INFO",
            },
            publish=True,
            # A role without its policy fails its first calls.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        standard = {
            "POWERTOOLS_SERVICE_NAME": self.name,
            "POWERTOOLS_METRICS_NAMESPACE": pulumi.get_project(),
        }
        return environment(self.args.links, {**standard, **self.args.environment})

    def _keep_warm(self) -> None:
        environments = self.args.size.provisioned_concurrency
        if environments:
            aws.lambda_.ProvisionedConcurrencyConfig(
                f"{self.name}-provisioned",
                function_name=self.function.name,
                qualifier=self.target.name,
                provisioned_concurrent_executions=environments,
                opts=pulumi.ResourceOptions(parent=self),
            )


def _grants(links: Sequence[Link]) -> list[Grant]:
    return [grant for link in links for grant in link.grants]
