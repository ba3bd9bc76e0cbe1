"""Repositories of images and their lifecycle policies: no image is here, nor needed."""

from typing import Any

from local.provider.clients import Clients
from local.provider.handler import Handler, handles
from local.provider.handlers import tags
from local.provider.wire import Properties


@handles("aws:ecr/repository:Repository")
class Repository(Handler):
    """A repository; its id is its name."""

    replace = frozenset({"name", "encryptionConfigurations"})

    def create(self, aws: Clients, properties: Properties) -> str:
        request: dict[str, Any] = {
            "repositoryName": properties["name"],
            "imageTagMutability": properties.get("imageTagMutability", "MUTABLE"),
            "tags": tags.listed(properties.get("tags")),
        }
        for each in properties.get("encryptionConfigurations", []):
            request["encryptionConfiguration"] = each
        if "imageScanningConfiguration" in properties:
            request["imageScanningConfiguration"] = properties["imageScanningConfiguration"]
        aws("ecr").create_repository(**request)
        return str(properties["name"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        client = aws("ecr")
        live = client.describe_repositories(repositoryNames=[id_])["repositories"][0]
        found = client.list_tags_for_resource(resourceArn=live["repositoryArn"])["tags"]
        return {
            "name": id_,
            "arn": live["repositoryArn"],
            "registryId": live["registryId"],
            "repositoryUrl": live["repositoryUri"],
            "imageTagMutability": live["imageTagMutability"],
            "imageScanningConfiguration": live["imageScanningConfiguration"],
            "encryptionConfigurations": [live["encryptionConfiguration"]],
            "tags": tags.unlisted(found),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        client = aws("ecr")
        client.put_image_tag_mutability(
            repositoryName=id_, imageTagMutability=new.get("imageTagMutability", "MUTABLE")
        )
        scanning = new.get("imageScanningConfiguration", {"scanOnPush": False})
        client.put_image_scanning_configuration(
            repositoryName=id_, imageScanningConfiguration=scanning
        )
        if tags.removed(old, new):
            client.untag_resource(resourceArn=old["arn"], tagKeys=tags.removed(old, new))
        if new.get("tags"):
            client.tag_resource(resourceArn=old["arn"], tags=tags.listed(new["tags"]))

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("ecr").delete_repository(repositoryName=id_, force=state.get("forceDelete", False))


@handles("aws:ecr/lifecyclePolicy:LifecyclePolicy")
class LifecyclePolicy(Handler):
    """Which images of a repository go; its id is the repository's name."""

    replace = frozenset({"repository"})

    def create(self, aws: Clients, properties: Properties) -> str:
        self.update(aws, "", {}, properties)
        return str(properties["repository"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        live = aws("ecr").get_lifecycle_policy(repositoryName=id_)
        return {
            "repository": id_,
            "registryId": live["registryId"],
            "policy": live["lifecyclePolicyText"],
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        aws("ecr").put_lifecycle_policy(
            repositoryName=new["repository"], lifecyclePolicyText=new["policy"]
        )

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("ecr").delete_lifecycle_policy(repositoryName=id_)
