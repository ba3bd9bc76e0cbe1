"""A repository of container images."""

import json
from dataclasses import dataclass
from typing import Annotated, Any

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.core.checks import check, check_fields, matches
from components.core.encryption_key import EncryptionKey
from components.core.links import Grant
from components.core.names import check_name

DIGEST = "sha256:[0-9a-f]{64}"
DIGEST_WORDS = "sha256: and 64 hexadecimal digits"
PULL = tuple(
    f"ecr:{action}"
    for action in ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
)
# The default quota of images in a repository:
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
MOST_IMAGES = 100_000


@dataclass(frozen=True, kw_only=True)
class Image:
    """A container image by its digest, which no push can change, and what a puller needs.

    Raises:
        ArgumentsError: when a tag, or nothing, says which image it is.
    """

    uri: pulumi.Input[str]
    grants: tuple[Grant, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.uri, str):
            words = f"a repository, @, {DIGEST_WORDS}"
            check(matches("uri", self.uri, rf"[^@\s]+@{DIGEST}", words))


@dataclass(frozen=True, kw_only=True)
class RepositoryArgs:
    """Settings of a Repository.

    Images without a tag are deleted after `untagged_days`, and the oldest when there are more than
    `max_images`: one that a task still uses too, if so many were pushed after it. `force_delete`
    lets the repository be deleted with its images. A new `key` replaces the repository.
    """

    untagged_days: Annotated[int, Interval(ge=1, le=3_650)] = 14
    max_images: Annotated[int, Interval(ge=1, le=MOST_IMAGES)] = 100
    force_delete: bool = False
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)


class Repository(pulumi.ComponentResource):
    """A repository whose tags never move, and that scans what is pushed."""

    url: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: RepositoryArgs | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        check_name(name)
        super().__init__("toolkit:compute:Repository", name, {}, opts)
        self.name = name
        self.args = args = args or RepositoryArgs()
        child = pulumi.ResourceOptions(parent=self)
        self.repository = aws.ecr.Repository(
            f"{name}-repository",
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[_encryption(args.key)],
            force_delete=args.force_delete,
            opts=child,
        )
        aws.ecr.LifecyclePolicy(
            f"{name}-lifecycle",
            repository=self.repository.name,
            policy=json.dumps({"rules": _rules(args)}),
            opts=child,
        )
        self.url = self.repository.repository_url
        self.arn = self.repository.arn
        self.register_outputs({"url": self.url, "arn": self.arn})

    def image(self, digest: str) -> Image:
        """Return the image with a digest, such as `sha256:9f86…`, with the right to pull it.

        Raises:
            ArgumentsError: for anything but a digest, a tag for example.
        """
        check(matches("digest", digest, DIGEST, DIGEST_WORDS))
        return Image(
            uri=pulumi.Output.concat(self.url, "@", digest),
            grants=(
                Grant(actions=PULL, resources=(self.arn,)),
                Grant(actions=("ecr:GetAuthorizationToken",), resources=("*",)),
            ),
        )


def _encryption(key: EncryptionKey | None) -> aws.ecr.RepositoryEncryptionConfigurationArgs:
    if key is None:
        return aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="AES256")
    return aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=key.arn)


def _rules(args: RepositoryArgs) -> list[dict[str, Any]]:
    """Return the lifecycle rules; the one for all images has to be the last."""
    untagged = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": args.untagged_days,
    }
    every = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": args.max_images}
    return [
        {
            "rulePriority": priority,
            "description": description,
            "selection": selection,
            "action": {"type": "expire"},
        }
        for priority, (description, selection) in enumerate(
            [("untagged images", untagged), ("the oldest images", every)], 1
        )
    ]
