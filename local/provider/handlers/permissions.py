"""The statements of functions' policies."""

import json
from typing import Any

from local.provider import shapes
from local.provider.clients import Clients
from local.provider.handler import Handler, handles
from local.provider.wire import Properties


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
        request = shapes.to_request(shape, properties, {"function": "FunctionName"})
        try:
            client.add_permission(**request)
        except client.exceptions.ResourceConflictException:
            # Left by a creation that the engine did not hear the end of.
            self.delete(aws, id_, properties)
            client.add_permission(**request)
        return id_

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        key = {"FunctionName": state["function"]}
        if state.get("qualifier"):
            key["Qualifier"] = state["qualifier"]
        policy = json.loads(aws("lambda").get_policy(**key)["Policy"])
        for statement in policy["Statement"]:
            if statement["Sid"] == id_:
                return {"statementId": id_, **_permitted(statement)}
        return None

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        """Do nothing: there is no input that would not replace it."""

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        key = {"FunctionName": state["function"], "StatementId": id_}
        if state.get("qualifier"):
            key["Qualifier"] = state["qualifier"]
        aws("lambda").remove_permission(**key)


def _permitted(statement: dict[str, Any]) -> Properties:
    """Return a statement as its permission's inputs."""
    principal, condition = statement["Principal"], statement.get("Condition", {})
    return {
        "action": statement["Action"],
        # Of an account it tells an ARN, whatever it was given.
        "principal": principal.get("Service") if isinstance(principal, dict) else None,
        "sourceArn": condition.get("ArnLike", {}).get("AWS:SourceArn"),
        "sourceAccount": condition.get("StringEquals", {}).get("AWS:SourceAccount"),
    }
