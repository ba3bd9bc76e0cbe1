"""The inputs of the one resource of Lambda's that a function is."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.compute.durable_execution import DELETION
from components.compute.function_args import FunctionArgs
from components.compute.managed_instances import PUBLICATION
from components.compute.runtime import PYTHON, RUNTIME
from components.core.checks import check, when
from components.core.packaging import UNZIPPED_BYTES, package_folder


def function_inputs(
    args: FunctionArgs,
    *,
    role_arn: pulumi.Output[str],
    log_group: pulumi.Output[str],
    dead_letters_arn: pulumi.Output[str] | None,
    variables: Mapping[str, pulumi.Input[str]],
) -> dict[str, Any]:
    """Return them; what is None is not sent.

    Raises:
        ArgumentsError: when code and layers are larger than Lambda takes.
    """
    size = args.size
    return {
        "role": role_arn,
        "architectures": [args.architecture],
        "memory_size": size.memory_mb,
        "timeout": size.timeout_seconds,
        "ephemeral_storage": {"size": size.ephemeral_storage_mb},
        "reserved_concurrent_executions": size.reserved_concurrency,
        "environment": {"variables": variables},
        "kms_key_arn": args.key.arn if args.key else None,
        "tracing_config": {"mode": "Active"},
        # Both levels, always: a missing one drifts for ever (terraform-provider-aws 33383).
        "logging_config": {
            "log_format": "JSON",
            "log_group": log_group,
            "application_log_level": args.logs.level,
            "system_log_level": "INFO",
        },
        "vpc_config": aws.lambda_.FunctionVpcConfigArgs(**args.vpc.inputs()) if args.vpc else None,
        "file_system_config": (
            aws.lambda_.FunctionFileSystemConfigArgs(**args.file_system.inputs())
            if args.file_system
            else None
        ),
        "durable_config": (
            aws.lambda_.FunctionDurableConfigArgs(**args.durable.inputs())
            if args.durable
            else None
        ),
        "dead_letter_config": {"target_arn": dead_letters_arn} if dead_letters_arn else None,
        "publish": True,
        **(_packaged(args) if args.image is None else _image(args)),
        **(args.managed_instances.inputs() if args.managed_instances else {}),
    }


def timeouts(args: FunctionArgs) -> pulumi.CustomTimeouts | None:
    """Return how long Lambda may take to publish a version, and to delete the function."""
    if not (args.managed_instances or args.durable):
        return None
    publication = PUBLICATION if args.managed_instances else None
    return pulumi.CustomTimeouts(
        create=publication, update=publication, delete=DELETION if args.durable else None
    )


def _packaged(args: FunctionArgs) -> dict[str, Any]:
    package = package_folder(args.code, python=PYTHON)
    used = package.unzipped_bytes + sum(layer.unzipped_bytes for layer in args.layers)
    check(
        when(
            used > UNZIPPED_BYTES,
            f"code {args.code!r} and its layers have {used:,} bytes unzipped: allowed is "
            f"{UNZIPPED_BYTES:,}",
        )
    )
    return {
        "runtime": RUNTIME,
        "handler": args.handler,
        "code": pulumi.FileArchive(package.path),
        "layers": [layer.arn for layer in args.layers],
        "code_signing_config_arn": args.code_signing_config_arn,
        "snap_start": (
            aws.lambda_.FunctionSnapStartArgs(apply_on="PublishedVersions")
            if args.size.snap_start
            else None
        ),
    }


def _image(args: FunctionArgs) -> dict[str, Any]:
    return {"package_type": "Image", "image_uri": args.image}
