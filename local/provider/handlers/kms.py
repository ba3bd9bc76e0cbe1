"""KMS keys and their aliases."""

from typing import Any

from local.provider.clients import Clients
from local.provider.handler import Handler, handles
from local.provider.handlers import tags
from local.provider.wire import Properties


@handles("aws:kms/key:Key")
class Key(Handler):
    """A key, its policy and its rotation."""

    replace = frozenset({"keyUsage", "customerMasterKeySpec", "multiRegion"})

    def create(self, aws: Clients, properties: Properties) -> str:
        made = aws("kms").create_key(
            Description=properties.get("description", ""),
            KeyUsage=properties.get("keyUsage", "ENCRYPT_DECRYPT"),
            KeySpec=properties.get("customerMasterKeySpec", "SYMMETRIC_DEFAULT"),
            MultiRegion=properties.get("multiRegion", False),
            Tags=tags.listed(properties.get("tags"), "TagKey", "TagValue"),
        )
        return str(made["KeyMetadata"]["KeyId"])

    def finish(self, aws: Clients, id_: str, properties: Properties) -> None:
        self.update(aws, id_, {}, properties)

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        kms = aws("kms")
        key = kms.describe_key(KeyId=id_)["KeyMetadata"]
        if key["KeyState"] == "PendingDeletion":
            return None
        rotation = kms.get_key_rotation_status(KeyId=id_)
        pairs: list[Any] = kms.list_resource_tags(KeyId=id_)["Tags"]
        return {
            "arn": key["Arn"],
            "keyId": id_,
            "description": key["Description"],
            "keyUsage": key["KeyUsage"],
            "customerMasterKeySpec": key["KeySpec"],
            "multiRegion": key.get("MultiRegion", False),
            "isEnabled": key["Enabled"],
            "enableKeyRotation": rotation["KeyRotationEnabled"],
            "rotationPeriodInDays": rotation.get("RotationPeriodInDays"),
            "policy": kms.get_key_policy(KeyId=id_, PolicyName="default")["Policy"],
            "tags": tags.unlisted(pairs, "TagKey", "TagValue"),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        kms = aws("kms")
        kms.update_key_description(KeyId=id_, Description=new.get("description", ""))
        if new.get("policy"):
            kms.put_key_policy(KeyId=id_, PolicyName="default", Policy=new["policy"])
        if new.get("enableKeyRotation"):
            days = new.get("rotationPeriodInDays", 365)
            kms.enable_key_rotation(KeyId=id_, RotationPeriodInDays=days)
        elif old.get("enableKeyRotation"):
            kms.disable_key_rotation(KeyId=id_)
        if not new.get("isEnabled", True):
            kms.disable_key(KeyId=id_)
        elif not old.get("isEnabled", True):
            kms.enable_key(KeyId=id_)
        if tags.removed(old, new):
            kms.untag_resource(KeyId=id_, TagKeys=tags.removed(old, new))
        kms.tag_resource(KeyId=id_, Tags=tags.listed(new.get("tags"), "TagKey", "TagValue"))

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        days = state.get("deletionWindowInDays", 30)
        aws("kms").schedule_key_deletion(KeyId=id_, PendingWindowInDays=days)


@handles("aws:kms/alias:Alias")
class Alias(Handler):
    """A key's other name."""

    replace = frozenset({"name", "namePrefix"})

    def create(self, aws: Clients, properties: Properties) -> str:
        name = str(properties["name"])
        aws("kms").create_alias(AliasName=name, TargetKeyId=properties["targetKeyId"])
        return name

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        for page in aws("kms").get_paginator("list_aliases").paginate():
            for alias in page["Aliases"]:
                if alias["AliasName"] == id_:
                    target = alias["TargetKeyId"]
                    return {"name": id_, "arn": alias["AliasArn"], "targetKeyId": target}
        return None

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        aws("kms").update_alias(AliasName=id_, TargetKeyId=new["targetKeyId"])

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("kms").delete_alias(AliasName=id_)
