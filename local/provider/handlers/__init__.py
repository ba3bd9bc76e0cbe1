"""The types that the emulator can run, a file for each service."""

from local.provider.handlers import (
    apigatewayv2,
    cognito,
    dynamodb,
    events,
    functions,
    iam,
    kms,
    layers,
    logs,
    mappings,
    permissions,
    sqs,
)

__all__ = [
    "apigatewayv2",
    "cognito",
    "dynamodb",
    "events",
    "functions",
    "iam",
    "kms",
    "layers",
    "logs",
    "mappings",
    "permissions",
    "sqs",
]
