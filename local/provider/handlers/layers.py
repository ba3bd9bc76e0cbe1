"""Versions of layers."""

from botocore.exceptions import ClientError

from local.provider.clients import Clients
from local.provider.handler import Handler, handles, is_gone
from local.provider.wire import Properties


@handles("aws:lambda/layerVersion:LayerVersion")
class LayerVersion(Handler):
    """A version of a layer; each change makes another."""

    replace = frozenset(
        {
            *("layerName", "code", "description", "licenseInfo", "sourceCodeHash"),
            *("compatibleArchitectures", "compatibleRuntimes"),
        }
    )

    def create(self, aws: Clients, properties: Properties) -> str:
        made = aws("lambda").publish_layer_version(
            LayerName=properties["layerName"],
            Description=properties.get("description", ""),
            Content={"ZipFile": aws.runtime.package(properties["code"])},
            CompatibleRuntimes=properties.get("compatibleRuntimes", []),
            CompatibleArchitectures=properties.get("compatibleArchitectures", []),
        )
        return str(made["LayerVersionArn"])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        name, version = id_.split(":")[6:]
        try:
            found = aws("lambda").get_layer_version(LayerName=name, VersionNumber=int(version))
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        return {
            "arn": id_,
            "layerArn": found["LayerArn"],
            "layerName": name,
            "version": version,
            "createdDate": found["CreatedDate"],
            "codeSha256": found["Content"]["CodeSha256"],
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        """Do nothing: there is no input that would not replace it."""

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        name, version = id_.split(":")[6:]
        aws("lambda").delete_layer_version(LayerName=name, VersionNumber=int(version))
