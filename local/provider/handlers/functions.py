"""Lambda functions, aliases, permissions and layers."""

import json
from typing import Any

from botocore.exceptions import ClientError

from local.provider import shapes
from local.provider.clients import Clients
from local.provider.handler import Api, Handler, handles, is_gone
from local.provider.handlers import tags
from local.provider.runtime import sha256
from local.provider.wire import Properties

CONFIGURATION = (
    *("description", "environment", "ephemeralStorage", "handler", "kmsKeyArn", "layers"),
    *("loggingConfig", "memorySize", "role", "snapStart", "timeout", "tracingConfig"),
)


def invoke_arn(aws: Clients, arn: str) -> str:
    """Return the ARN by which API Gateway invokes a function."""
    path = f"path/2015-03-31/functions/{arn}/invocations"
    return f"arn:aws:apigateway:{aws.region}:lambda:{path}"


@handles("aws:lambda/function:Function")
class Function(Handler):
    """A function: it runs on the project's interpreter, whatever runtime the program names."""

    replace = frozenset({"name", "packageType"})

    def create(self, aws: Clients, properties: Properties) -> str:
        client, name = aws("lambda"), str(properties["name"])
        client.create_function(
            FunctionName=name,
            Runtime="provided.al2023",
            Code={"ZipFile": aws.runtime.function(properties["code"])},
            Tags=properties.get("tags") or {},
            **self._configuration(client, properties),
        )
        return name

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        client = aws("lambda")
        found = client.get_function(FunctionName=id_)
        live = found["Configuration"]
        shape = shapes.operation(client, "get_function_configuration").output_shape
        known = shapes.from_response(shape, live, {})
        arn, version = live["FunctionArn"], self._newest(client, id_)
        same_code = live["CodeSha256"] == state.get("codeSha256")
        return {
            **{key: known[key] for key in CONFIGURATION if key in known},
            # What was uploaded differs from the program's package by its bootstrap.
            "code": state.get("code") if same_code or "code" in state else None,
            "layers": [layer["Arn"] for layer in live.get("Layers", [])] or None,
            "name": id_,
            "arn": arn,
            "version": version,
            "qualifiedArn": f"{arn}:{version}",
            "invokeArn": invoke_arn(aws, arn),
            "qualifiedInvokeArn": invoke_arn(aws, f"{arn}:{version}"),
            "codeSha256": self._code_sha256(aws, state),
            "lastModified": live["LastModified"],
            "tags": found.get("Tags", {}),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        client = aws("lambda")
        client.update_function_configuration(FunctionName=id_, **self._configuration(client, new))
        client.update_function_code(FunctionName=id_, ZipFile=aws.runtime.function(new["code"]))
        arn = old["arn"]
        if tags.removed(old, new):
            client.untag_resource(Resource=arn, TagKeys=tags.removed(old, new))
        if new.get("tags"):
            client.tag_resource(Resource=arn, Tags=new["tags"])
        self.finish(aws, id_, new)

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("lambda").delete_function(FunctionName=id_)

    @staticmethod
    def _configuration(client: Any, properties: Properties) -> Properties:
        shape = shapes.operation(client, "update_function_configuration").input_shape
        given = {key: properties[key] for key in CONFIGURATION if key in properties}
        # What the program no longer gives goes back to Lambda's own value.
        given = {"environment": {"variables": {}}, "memorySize": 128, "timeout": 3, **given}
        return shapes.to_request(shape, given, {})

    def finish(self, aws: Clients, id_: str, properties: Properties) -> None:
        """Wait, then set what is set after: concurrency, and the published version."""
        client, name = aws("lambda"), id_
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        reserved = properties.get("reservedConcurrentExecutions", -1)
        if reserved >= 0:
            client.put_function_concurrency(
                FunctionName=name, ReservedConcurrentExecutions=reserved
            )
        else:
            client.delete_function_concurrency(FunctionName=name)
        if properties.get("publish"):
            client.publish_version(FunctionName=name)

    @staticmethod
    def _newest(client: Any, name: str) -> str:
        pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
        versions = [each["Version"] for page in pages for each in page["Versions"]]
        numbers = [int(each) for each in versions if each.isdigit()]
        return str(max(numbers)) if numbers else "$LATEST"

    @staticmethod
    def _code_sha256(aws: Clients, state: Properties) -> str | None:
        return (
            sha256(aws.runtime.package(state["code"])) if "path" in state.get("code", {}) else None
        )


@handles("aws:lambda/alias:Alias")
class Alias(Api):
    """A name for a version."""

    service = "lambda"
    replace = frozenset({"name", "functionName"})
    noun = "alias"
    read_verb = "get"
    key = {"FunctionName": "functionName", "Name": "name"}
    renames = {"arn": "AliasArn"}
    id_member = "AliasArn"

    def more(self, aws: Clients, id_: str, state: Properties) -> Properties:
        return {"functionName": id_.split(":")[6], "invokeArn": invoke_arn(aws, id_)}

    def _key(self, id_: str, state: Properties) -> dict[str, Any]:
        *_, function, name = id_.split(":")
        return {"FunctionName": function, "Name": name}


@handles("aws:lambda/permission:Permission")
class Permission(Handler):
    """One statement of a function's policy; each change replaces it."""

    replace = frozenset(
        {
            *("action", "function", "principal", "qualifier", "sourceAccount", "sourceArn"),
            *("statementId", "statementIdPrefix", "principalOrgId", "functionUrlAuthType"),
        }
    )

    def create(self, aws: Clients, properties: Properties) -> str:
        client, id_ = aws("lambda"), str(properties["statementId"])
        shape = shapes.operation(client, "add_permission").input_shape
        renames = {"function": "FunctionName"}
        client.add_permission(**shapes.to_request(shape, properties, renames))
        return id_

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        key = {"FunctionName": state["function"]}
        if state.get("qualifier"):
            key["Qualifier"] = state["qualifier"]
        policy = json.loads(aws("lambda").get_policy(**key)["Policy"])
        found = any(statement["Sid"] == id_ for statement in policy["Statement"])
        return {"statementId": id_} if found else None

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        """Do nothing: there is no input that would not replace it."""

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        key = {"FunctionName": state["function"], "StatementId": id_}
        if state.get("qualifier"):
            key["Qualifier"] = state["qualifier"]
        aws("lambda").remove_permission(**key)


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
