from typing import Any

import pytest

from components.compute.repository import Image, Repository, RepositoryArgs
from components.core.checks import ArgumentsError
from tests.contracts.examples.containers import DIGEST
from tests.contracts.examples.streams import key
from tests.recording import Deployment, deploy

ARN = "arn:aws:ecr:eu-central-1:123456789012:repository/work-repository"


def deployed(**settings: Any) -> Deployment:
    return deploy(lambda: Repository("work", RepositoryArgs(**settings)) and None)


def test_tags_never_move_and_what_is_pushed_is_scanned() -> None:
    made = deployed().inputs("repository:Repository")
    assert made["imageTagMutability"] == "IMMUTABLE"
    assert made["imageScanningConfiguration"] == {"scanOnPush": True}
    assert made["encryptionConfigurations"] == [{"encryptionType": "AES256"}]
    assert made["forceDelete"] is False


def test_a_repository_encrypts_with_the_key_given() -> None:
    deployment = deploy(
        lambda: Repository("work", RepositoryArgs(key=key(), force_delete=True)) and None
    )
    made = deployment.inputs("repository:Repository")
    arn = deployment.arn("key:Key")
    assert made["encryptionConfigurations"] == [{"encryptionType": "KMS", "kmsKey": arn}]
    assert made["forceDelete"] is True


def test_old_images_go_those_without_a_tag_first() -> None:
    deployment = deployed(untagged_days=3, max_images=7)
    untagged, every = deployment.document("LifecyclePolicy")["rules"]
    assert untagged["selection"] == {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 3,
    }
    assert every["selection"] == {
        "tagStatus": "any",
        "countType": "imageCountMoreThan",
        "countNumber": 7,
    }
    # ECR refuses a rule for any image before another rule.
    assert untagged["rulePriority"] < every["rulePriority"]
    assert untagged["action"] == every["action"] == {"type": "expire"}


def test_an_image_is_known_by_its_digest_and_pulled_from_its_repository_alone() -> None:
    images: list[Image] = []
    uris: list[str] = []

    def program() -> None:
        images.append(Repository("work").image(DIGEST))
        # Pulumi's outputs have no other way out.
        images[0].uri.apply(uris.append)  # type: ignore[union-attr]
        images[0].grants[0].resources[0].apply(uris.append)  # type: ignore[union-attr]

    deploy(program)
    host = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
    assert sorted(uris) == [f"{host}/work-repository@{DIGEST}", ARN]
    pull, login = images[0].grants
    assert pull.actions == (
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    )
    assert (login.actions, login.resources) == (("ecr:GetAuthorizationToken",), ("*",))


@pytest.mark.parametrize(
    "digest",
    ["latest", "", "sha256:", DIGEST[:-1], f"{DIGEST}0", DIGEST.upper(), f"{DIGEST}\n", "md5:1"],
)
def test_what_is_no_digest_is_refused(digest: str) -> None:
    with pytest.raises(ArgumentsError, match=r"digest is .*: allowed is sha256: and 64 hex"):
        deploy(lambda: Repository("work").image(digest) and None)


@pytest.mark.parametrize("uri", ["nginx", "nginx:1", "nginx@sha256:1", f"@{DIGEST}"])
def test_an_image_of_another_registry_is_named_by_its_digest_too(uri: str) -> None:
    assert Image(uri=f"public.ecr.aws/nginx/nginx@{DIGEST}").grants == ()
    with pytest.raises(ArgumentsError, match=r"uri is .*: allowed is a repository, @, sha256"):
        Image(uri=uri)
