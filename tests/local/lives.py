"""A life for each type with a handler: what it is made of, what changes, what replaces it."""

import importlib
from pathlib import Path
from typing import Any

from tests.local.world import OTHER_ZIP, POLICY, TRUST, ZIP

TAGGED = {"tags": {"team": "a"}}
# The change is None where nothing can change in place.
CASES: dict[str, Any] = {
    "aws:sqs/queue:Queue": lambda w: (
        {"visibilityTimeoutSeconds": 30, "sqsManagedSseEnabled": True, **TAGGED},
        {"visibilityTimeoutSeconds": 60, "tags": {"other": "b"}},
        {"fifoQueue": True},
    ),
    "aws:sqs/queuePolicy:QueuePolicy": lambda w: (
        {"queueUrl": w.queue["url"], "policy": POLICY},
        {"policy": POLICY.replace("SendMessage", "ReceiveMessage")},
        {"queueUrl": "another"},
    ),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": lambda w: (
        {"queueUrl": w.queue["url"], "redriveAllowPolicy": '{"redrivePermission": "denyAll"}'},
        {"redriveAllowPolicy": '{"redrivePermission": "allowAll"}'},
        {"queueUrl": "another"},
    ),
    "aws:dynamodb/table:Table": lambda w: (
        {
            "hashKey": "id",
            "attributes": [{"name": "id", "type": "S"}, {"name": "at", "type": "S"}],
            "billingMode": "PAY_PER_REQUEST",
            "globalSecondaryIndexes": [
                {
                    "name": "by_at",
                    "keySchemas": [{"attributeName": "at", "keyType": "HASH"}],
                    "projectionType": "ALL",
                }
            ],
            "ttl": {"attributeName": "end", "enabled": True},
            "pointInTimeRecovery": {"enabled": True},
            "streamEnabled": True,
            "streamViewType": "NEW_IMAGE",
            **TAGGED,
        },
        {
            "billingMode": "PROVISIONED",
            "readCapacity": 3,
            "writeCapacity": 2,
            "attributes": [{"name": "id", "type": "S"}, {"name": "of", "type": "S"}],
            "globalSecondaryIndexes": [
                {
                    "name": "by_of",
                    "keySchemas": [{"attributeName": "of", "keyType": "HASH"}],
                    "projectionType": "KEYS_ONLY",
                    "readCapacity": 3,
                    "writeCapacity": 2,
                }
            ],
            "streamViewType": "KEYS_ONLY",
            "pointInTimeRecovery": {"enabled": False},
            "tags": {},
        },
        {"hashKey": "of"},
    ),
    "aws:iam/role:Role": lambda w: (
        {"assumeRolePolicy": TRUST, **TAGGED},
        {"assumeRolePolicy": TRUST.replace("lambda", "states"), "tags": {"other": "b"}},
        {"path": "/other/"},
    ),
    "aws:iam/rolePolicy:RolePolicy": lambda w: (
        {"role": w.role["name"], "policy": POLICY},
        {"policy": POLICY.replace("SendMessage", "ReceiveMessage")},
        {"role": "another"},
    ),
    "aws:cloudwatch/logGroup:LogGroup": lambda w: (
        {"retentionInDays": 14, **TAGGED},
        {"retentionInDays": 30, "tags": {"other": "b"}},
        {"name": "another"},
    ),
    "aws:lambda/function:Function": lambda w: (
        {
            "role": w.role["arn"],
            "handler": "app.handle",
            "runtime": "python3.14",
            "code": ZIP,
            "memorySize": 128,
            "timeout": 5,
            "publish": True,
            "environment": {"variables": {"A": "1"}},
            "tracingConfig": {"mode": "Active"},
            **TAGGED,
        },
        {"memorySize": 256, "code": OTHER_ZIP, "environment": {"variables": {}}, "tags": {}},
        {"packageType": "Image"},
    ),
    "aws:lambda/alias:Alias": lambda w: (
        {"name": "live", "functionName": w.function["name"], "functionVersion": "1"},
        {"description": "the one that is called"},
        {"name": "other"},
    ),
    "aws:lambda/permission:Permission": lambda w: (
        {
            "action": "lambda:InvokeFunction",
            "function": w.function["name"],
            "principal": "events.amazonaws.com",
            "sourceArn": "arn:aws:events:us-east-1:000000000000:rule/x",
        },
        None,
        {"principal": "sns.amazonaws.com"},
    ),
    "aws:lambda/layerVersion:LayerVersion": lambda w: (
        {"layerName": "world", "code": ZIP, "compatibleRuntimes": ["python3.14"]},
        None,
        {"code": OTHER_ZIP},
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": lambda w: (
        {
            "eventSourceArn": w.queue["arn"],
            "functionName": w.function["arn"],
            "batchSize": 10,
            "functionResponseTypes": ["ReportBatchItemFailures"],
            "filterCriteria": {"filters": [{"pattern": '{"body": {"a": ["b"]}}'}]},
        },
        {"batchSize": 5},
        {"eventSourceArn": "arn:aws:sqs:us-east-1:000000000000:another"},
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": lambda w: (
        {"functionName": w.function["name"], "maximumRetryAttempts": 1},
        {"maximumRetryAttempts": 0},
        {"functionName": "another"},
    ),
    "aws:cloudwatch/eventBus:EventBus": lambda w: (
        {"description": "one", **TAGGED},
        {"description": "two", "tags": {"other": "b"}},
        {"name": "another"},
    ),
    "aws:cloudwatch/eventRule:EventRule": lambda w: (
        {"eventBusName": w.bus["name"], "eventPattern": '{"source":["a"]}', **TAGGED},
        {"eventPattern": '{"source":["b"]}', "tags": {"other": "b"}},
        {"eventBusName": "another"},
    ),
    "aws:cloudwatch/eventTarget:EventTarget": lambda w: (
        {
            "eventBusName": w.bus["name"],
            "rule": w.rule["name"],
            "arn": w.queue["arn"],
            "retryPolicy": {"maximumRetryAttempts": 5, "maximumEventAgeInSeconds": 600},
            "deadLetterConfig": {"arn": w.queue["arn"]},
            "inputTransformer": {"inputPaths": {"a": "$.detail"}, "inputTemplate": "<a>"},
        },
        {"retryPolicy": {"maximumRetryAttempts": 6}},
        {"rule": "another"},
    ),
    "aws:cloudwatch/eventArchive:EventArchive": lambda w: (
        {"eventSourceArn": w.bus["arn"], "retentionDays": 7},
        {"retentionDays": 14},
        {"name": "another"},
    ),
    "aws:apigatewayv2/api:Api": lambda w: (
        {"protocolType": "HTTP", "corsConfiguration": {"allowOrigins": ["https://a"]}},
        {"corsConfiguration": {"allowOrigins": ["https://b"]}},
        {"protocolType": "WEBSOCKET"},
    ),
    "aws:apigatewayv2/authorizer:Authorizer": lambda w: (
        {
            "apiId": w.api["id"],
            "authorizerType": "JWT",
            "identitySources": ["$request.header.Authorization"],
            "jwtConfiguration": {"issuer": "https://a", "audiences": ["1"]},
        },
        {"jwtConfiguration": {"issuer": "https://a", "audiences": ["2"]}},
        {"apiId": "another"},
    ),
    "aws:apigatewayv2/integration:Integration": lambda w: (
        {
            "apiId": w.api["id"],
            "integrationType": "AWS_PROXY",
            "integrationUri": w.function["invokeArn"],
            "payloadFormatVersion": "2.0",
            "timeoutMilliseconds": 20_000,
        },
        {"timeoutMilliseconds": 10_000},
        {"integrationType": "HTTP_PROXY"},
    ),
    "aws:apigatewayv2/route:Route": lambda w: (
        {"apiId": w.api["id"], "routeKey": "GET /a", "authorizationType": "NONE"},
        {"routeKey": "GET /b"},
        {"apiId": "another"},
    ),
    "aws:apigatewayv2/stage:Stage": lambda w: (
        {
            "apiId": w.api["id"],
            "name": "$default",
            "autoDeploy": True,
            "defaultRouteSettings": {"throttlingRateLimit": 5, "throttlingBurstLimit": 5},
        },
        {"defaultRouteSettings": {"throttlingRateLimit": 6, "throttlingBurstLimit": 6}},
        {"name": "other"},
    ),
    "aws:cognito/userPool:UserPool": lambda w: (
        {
            "passwordPolicy": {"minimumLength": 12, "requireNumbers": True},
            "autoVerifiedAttributes": ["email"],
            "mfaConfiguration": "OPTIONAL",
            "softwareTokenMfaConfiguration": {"enabled": True},
            **TAGGED,
        },
        {"passwordPolicy": {"minimumLength": 14, "requireNumbers": True}},
        {"usernameAttributes": ["email"]},
    ),
    "aws:cognito/userPoolClient:UserPoolClient": lambda w: (
        {"userPoolId": w.pool["id"], "explicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]},
        {"explicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]},
        {"generateSecret": True},
    ),
    "aws:cognito/userGroup:UserGroup": lambda w: (
        {"userPoolId": w.pool["id"], "name": "staff", "description": "who works here"},
        None,
        {"name": "others"},
    ),
    "aws:cognito/resourceServer:ResourceServer": lambda w: (
        {
            "userPoolId": w.pool["id"],
            "identifier": "things",
            "name": "things",
            "scopes": [{"scopeName": "read", "scopeDescription": "Read"}],
        },
        {"scopes": [{"scopeName": "write", "scopeDescription": "Write"}]},
        {"identifier": "other"},
    ),
    "aws:kms/key:Key": lambda w: (
        {"description": "one", "enableKeyRotation": True, **TAGGED},
        {"description": "two", "tags": {"other": "b"}},
        {"multiRegion": True},
    ),
    "aws:kms/alias:Alias": lambda w: (
        {"name": "alias/thing", "targetKeyId": w.key["keyId"]},
        None,
        {"name": "alias/other"},
    ),
}
for _found in Path(__file__).parent.glob("lives_*.py"):
    CASES |= importlib.import_module(f"tests.local.{_found.stem}").CASES
