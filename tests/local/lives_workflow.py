"""The lives of state machines and their aliases."""

import json
from itertools import pairwise
from typing import Any

from tests.local.world import World

TAGGED = {"tags": {"team": "a"}}


def definition(*names: str) -> str:
    states = {name: {"Type": "Pass", "Next": after} for name, after in pairwise(names)}
    states[names[-1]] = {"Type": "Succeed"}
    return json.dumps({"QueryLanguage": "JSONata", "StartAt": names[0], "States": states})


def machine(world: World, name: str = "world") -> Any:
    inputs = {"name": name, "roleArn": world.role["arn"], "definition": definition("one")}
    return world.state("aws:sfn/stateMachine:StateMachine", {**inputs, "publish": True})


CASES: dict[str, Any] = {
    "aws:sfn/stateMachine:StateMachine": lambda w: (
        {
            "type": "STANDARD",
            "roleArn": w.role["arn"],
            "definition": definition("one"),
            "loggingConfiguration": {
                "logDestination": "arn:aws:logs:us-east-1:000000000000:log-group:a:*",
                "includeExecutionData": False,
                "level": "ERROR",
            },
            "encryptionConfiguration": {
                "type": "CUSTOMER_MANAGED_KMS_KEY",
                "kmsKeyId": w.key["arn"],
                "kmsDataKeyReusePeriodSeconds": 300,
            },
            "tracingConfiguration": {"enabled": True},
            "publish": True,
            **TAGGED,
        },
        {"definition": definition("one", "two"), "tags": {"other": "b"}},
        {"type": "EXPRESS"},
    ),
    "aws:sfn/alias:Alias": lambda w: (
        {
            "name": "live",
            "routingConfigurations": [
                {"stateMachineVersionArn": machine(w)["stateMachineVersionArn"], "weight": 100}
            ],
        },
        {"description": "the one that is started"},
        {"name": "other"},
    ),
}
