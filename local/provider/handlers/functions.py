"""Lambda functions and their aliases."""

import contextlib
from typing import Any

from local.provider import compare, shapes
from local.provider.clients import Clients
from local.provider.handler import Api, Handler, handles
from local.provider.handlers import tags
from local.provider.runtime import sha256
from local.provider.wire import Properties
from local.runtime import image

# `snapStart` is not among them: the emulator refuses it for a custom runtime, which all are here.
CONFIGURATION = (
    *("deadLetterConfig", "description", "durableConfig", "environment", "ephemeralStorage"),
    *("handler", "kmsKeyArn", "layers", "loggingConfig", "memorySize", "role", "timeout"),
    *("tracingConfig", "vpcConfig"),
)
RENAMES = {"retentionPeriod": "RetentionPeriodInDays"}
# What an input that the program no longer gives goes back to.
RESETS: dict[str, Any] = {
    "deadLetterConfig": {"targetArn": ""},
    "description": "",
    "environment": {"variables": {}},
    "ephemeralStorage": {"size": 512},
    "kmsKeyArn": "",
    "layers": [],
    "memorySize": 128,
    "loggingConfig": {"logFormat": "Text"},
    "timeout": 3,
    "tracingConfig": {"mode": "PassThrough"},
    "vpcConfig": {"subnetIds": [], "securityGroupIds": []},
}
# What a published version makes anew.
VERSIONED = frozenset({"version", "qualifiedArn", "qualifiedInvokeArn", "lastModified"})
# On Managed Instances, the version that each publication makes anew.
PUBLISHED = "$LATEST.PUBLISHED"
CODE = frozenset({"architectures", "code", "imageUri"})


def invoke_arn(aws: Clients, arn: str) -> str:
    """Return the ARN by which API Gateway invokes a function."""
    path = f"path/2015-03-31/functions/{arn}/invocations"
    return f"arn:aws:apigateway:{aws.region}:lambda:{path}"


@handles("aws:lambda/function:Function")
class Function(Handler):
    """A function: it runs on the project's interpreter, whatever runtime the program names.

    On Managed Instances it runs as one of default Lambda, and its capacity is recorded; of a
    container image, all is.
    """

    replace = frozenset({"name", "packageType"})
    presence = frozenset({"durableConfig"})

    def create(self, aws: Clients, properties: Properties) -> str:
        client, name = aws("lambda"), str(properties["name"])
        client.create_function(
            FunctionName=name,
            Runtime="provided.al2023",
            Code={"ZipFile": _package(aws, properties)},
            Architectures=properties.get("architectures", ["x86_64"]),
            Tags=properties.get("tags") or {},
            **self._configuration(client, properties, {}),
        )
        return name

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        client = aws("lambda")
        found = client.get_function(FunctionName=id_)
        live = found["Configuration"]
        shape = shapes.operation(client, "get_function_configuration").output_shape
        known = shapes.from_response(shape, live, RENAMES)
        arn, version = live["FunctionArn"], _newest(client, id_)
        return {
            **{key: known[key] for key in CONFIGURATION if key in known},
            # What was uploaded differs from the program's package by its bootstrap.
            "code": state.get("code"),
            "architectures": live.get("Architectures"),
            "reservedConcurrentExecutions": found.get("Concurrency", {}).get(
                "ReservedConcurrentExecutions", -1
            ),
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
        changed = set(compare.changed(old, new))
        # Only what changed: each of these ends the function's warm environments.
        if changed & set(CONFIGURATION):
            configuration = self._configuration(client, new, old)
            client.update_function_configuration(FunctionName=id_, **configuration)
        if _other_code(old, new) or "architectures" in changed:
            client.update_function_code(
                FunctionName=id_,
                ZipFile=_package(aws, new),
                Architectures=new.get("architectures", ["x86_64"]),
            )
        arn = old["arn"]
        if tags.removed(old, new):
            client.untag_resource(Resource=arn, TagKeys=tags.removed(old, new))
        if new.get("tags"):
            client.tag_resource(Resource=arn, Tags=new["tags"])
        self.finish(aws, id_, new)

    def renewed(self, changed: frozenset[str], new: Properties) -> frozenset[str]:
        code = changed & CODE
        sha256_ = frozenset({"codeSha256"}) if code else frozenset()
        published = new.get("publish") and (code or changed & set(CONFIGURATION))
        return (VERSIONED if published else frozenset()) | sha256_

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("lambda").delete_function(FunctionName=id_)

    def recorded(self, properties: Properties) -> bool:
        return "capacityProviderConfig" in properties or "imageUri" in properties

    @staticmethod
    def _configuration(client: Any, properties: Properties, old: Properties) -> Properties:
        shape = shapes.operation(client, "update_function_configuration").input_shape
        back = {key: value for key, value in RESETS.items() if key in old}
        given = {key: properties[key] for key in CONFIGURATION if key in properties}
        if "imageUri" in properties:
            given["handler"] = image.HANDLER
        return shapes.to_request(shape, {**back, **given}, RENAMES)

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
            # Without a change since the last one, Lambda answers with the version that there is.
            version = client.publish_version(FunctionName=name)["Version"]
            if properties.get("publishTo"):
                # All of its aliases are at the version that is made anew.
                for alias in client.list_aliases(FunctionName=name)["Aliases"]:
                    key = {"FunctionName": name, "Name": alias["Name"]}
                    client.update_alias(**key, FunctionVersion=version)

    @staticmethod
    def _code_sha256(aws: Clients, state: Properties) -> str | None:
        if "path" in (state.get("code") or {}):
            # A refresh does not make the packages: the program's may be gone since.
            with contextlib.suppress(FileNotFoundError):
                return sha256(aws.runtime.package(state["code"]))
        return state.get("codeSha256")


def _newest(client: Any, name: str) -> str:
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    versions = [each["Version"] for page in pages for each in page["Versions"]]
    numbers = [int(each) for each in versions if each.isdigit()]
    return str(max(numbers)) if numbers else "$LATEST"


def _package(aws: Clients, properties: Properties) -> bytes:
    if "imageUri" in properties:
        return aws.runtime.program("image")
    return aws.runtime.function(properties.get("code"))


def _other_code(old: Properties, new: Properties) -> bool:
    """Whether the package is another; of an old one the state keeps the hash alone."""
    if "imageUri" in new:
        return False
    before, after = old.get("code", {}).get("hash"), new.get("code", {}).get("hash")
    return after is None or before != after


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
    resets = {"description": "", "routingConfig": {"additionalVersionWeights": {}}}

    def create(self, aws: Clients, properties: Properties) -> str:
        return super().create(aws, self._resolved(aws, properties))

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        super().update(aws, id_, old, self._resolved(aws, new))

    def more(self, aws: Clients, id_: str, state: Properties) -> Properties:
        published = state.get("functionVersion") == PUBLISHED
        return {
            "functionName": id_.split(":")[6],
            "invokeArn": invoke_arn(aws, id_),
            **({"functionVersion": PUBLISHED} if published else {}),
        }

    @staticmethod
    def _resolved(aws: Clients, properties: Properties) -> Properties:
        """Return the newest number in place of the version that the emulator does not know."""
        if properties["functionVersion"] != PUBLISHED:
            return properties
        newest = _newest(aws("lambda"), properties["functionName"])
        return {**properties, "functionVersion": newest}

    def _key(self, id_: str, state: Properties) -> dict[str, Any]:
        *_, function, name = id_.split(":")
        return {"FunctionName": function, "Name": name}
