"""The one container of a task, as ECS stores it.

ECS fills in what is left out and may answer in another order, and a definition that differs from
the stored one is replaced at each deployment (pulumi/pulumi-aws#4576): so all defaults are written
out, and lists are sorted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.compute.container_args import ContainerTaskArgs

CONTAINER = "main"
TMP = {"tmp": "/tmp"}  # noqa: S108  the folder of that name, in the container
# What the agent of ECS Exec writes, which the root filesystem does not let it:
# https://github.com/aws/containers-roadmap/issues/1359
OF_EXEC = {"exec-state": "/var/lib/amazon", "exec-logs": "/var/log/amazon"}


def container_definitions(
    args: ContainerTaskArgs,
    environment: Mapping[str, pulumi.Input[str]],
    logs: aws.cloudwatch.LogGroup,
) -> pulumi.Output[str]:
    """Return the container as JSON that is the same whenever its parts are."""
    port = {"containerPort": args.port, "hostPort": args.port, "protocol": "tcp"}
    container = {
        "name": CONTAINER,
        "image": args.image.uri,
        "essential": True,
        "cpu": 0,
        "command": list(args.command),
        "environment": _pairs(environment, "value"),
        "secrets": _pairs(args.secrets, "valueFrom"),
        "user": args.user,
        "readonlyRootFilesystem": True,
        "linuxParameters": {"initProcessEnabled": True},
        "stopTimeout": args.stop_timeout_seconds,
        "mountPoints": [
            {"sourceVolume": volume, "containerPath": path, "readOnly": False}
            for volume, path in volumes(args).items()
        ],
        "portMappings": [port] if args.port else [],
        "volumesFrom": [],
        "systemControls": [],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": logs.name,
                "awslogs-region": logs.arn.apply(lambda arn: arn.split(":")[3]),
                "awslogs-stream-prefix": "task",
                # When logs cannot be written, the work goes on without them.
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
    }
    return pulumi.Output.json_dumps([container], sort_keys=True)


def volumes(args: ContainerTaskArgs) -> dict[str, str]:
    """Return the folders that can be written, by the names of their volumes."""
    return dict(sorted((TMP | (OF_EXEC if args.exec else {})).items()))


def _pairs(values: Mapping[str, pulumi.Input[str]], key: str) -> Sequence[dict[str, Any]]:
    return [{"name": name, key: values[name]} for name in sorted(values)]
