"""A Lambda layer of locked Python dependencies."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute.runtime import ARCHITECTURE, PYTHON, RUNTIME, Architecture
from components.core.checks import check_fields
from components.core.names import check_name
from components.core.packaging import package_requirements


@dataclass(frozen=True, kw_only=True)
class LayerArgs:
    """Settings of a Layer: a lock file with hashes, as `uv pip compile` writes it."""

    requirements: str
    architecture: Architecture = ARCHITECTURE

    def __post_init__(self) -> None:
        check_fields(self)


class Layer(pulumi.ComponentResource):
    """The dependencies of functions, built once for Lambda's platform and shared by them."""

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: LayerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        super().__init__("toolkit:compute:Layer", name, {}, opts)
        package = package_requirements(
            args.requirements,
            python=PYTHON,
            architecture=args.architecture,
        )
        version = aws.lambda_.LayerVersion(
            f"{name}-layer",
            layer_name=f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}",
            code=pulumi.FileArchive(package.path),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[args.architecture],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.unzipped_bytes = package.unzipped_bytes
        self.arn = version.arn
        self.register_outputs({"arn": self.arn})
