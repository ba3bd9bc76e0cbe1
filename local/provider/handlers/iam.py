"""Roles and their inline policies."""

import json
from typing import Any

from local.provider.clients import Clients
from local.provider.handler import Handler, handles
from local.provider.handlers import tags
from local.provider.wire import Properties


def _text(document: Any) -> str:
    """Return a document as programs give it: boto3 parses those of IAM."""
    return document if isinstance(document, str) else json.dumps(document)


@handles("aws:iam/role:Role")
class Role(Handler):
    """A role; its inline policies are resources of their own."""

    replace = frozenset({"name", "namePrefix", "path"})

    def create(self, aws: Clients, properties: Properties) -> str:
        aws("iam").create_role(
            RoleName=properties["name"],
            Path=properties.get("path", "/"),
            AssumeRolePolicyDocument=properties["assumeRolePolicy"],
            Description=properties.get("description", ""),
            MaxSessionDuration=properties.get("maxSessionDuration", 3600),
            Tags=tags.listed(properties.get("tags")),
        )
        return str(properties["name"])

    def finish(self, aws: Clients, id_: str, properties: Properties) -> None:
        boundary = properties.get("permissionsBoundary")
        if boundary:
            iam = aws("iam")
            iam.put_role_permissions_boundary(RoleName=id_, PermissionsBoundary=boundary)

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        role = aws("iam").get_role(RoleName=id_)["Role"]
        return {
            "name": id_,
            "arn": role["Arn"],
            "path": role["Path"],
            "uniqueId": role["RoleId"],
            "createDate": str(role["CreateDate"]),
            "assumeRolePolicy": _text(role["AssumeRolePolicyDocument"]),
            "maxSessionDuration": role.get("MaxSessionDuration"),
            # Told as none where there is none: that it was taken away is drift.
            "permissionsBoundary": role.get("PermissionsBoundary", {}).get(
                "PermissionsBoundaryArn", ""
            ),
            "description": role.get("Description"),
            "tags": tags.unlisted(role.get("Tags", [])),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        iam = aws("iam")
        iam.update_assume_role_policy(RoleName=id_, PolicyDocument=new["assumeRolePolicy"])
        iam.update_role(
            RoleName=id_,
            Description=new.get("description", ""),
            MaxSessionDuration=new.get("maxSessionDuration", 3600),
        )
        if old.get("permissionsBoundary") and not new.get("permissionsBoundary"):
            iam.delete_role_permissions_boundary(RoleName=id_)
        self.finish(aws, id_, new)
        gone = tags.removed(old, new)
        if gone:
            iam.untag_role(RoleName=id_, TagKeys=gone)
        iam.tag_role(RoleName=id_, Tags=tags.listed(new.get("tags")))

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("iam").delete_role(RoleName=id_)


@handles("aws:iam/rolePolicy:RolePolicy")
class RolePolicy(Handler):
    """An inline policy of a role."""

    replace = frozenset({"name", "namePrefix", "role"})

    def create(self, aws: Clients, properties: Properties) -> str:
        aws("iam").put_role_policy(
            RoleName=properties["role"],
            PolicyName=properties["name"],
            PolicyDocument=properties["policy"],
        )
        return f"{properties['role']}:{properties['name']}"

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        role, name = id_.split(":")
        found = aws("iam").get_role_policy(RoleName=role, PolicyName=name)
        return {"role": role, "name": name, "policy": _text(found["PolicyDocument"])}

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        self.create(aws, new)

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        role, name = id_.split(":")
        aws("iam").delete_role_policy(RoleName=role, PolicyName=name)
