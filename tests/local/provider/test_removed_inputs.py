"""What the program no longer gives goes back to what AWS makes of it; tags follow as well."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.local.engine_side import Engine
from tests.local.provider.made import make
from tests.local.world import POLICY, TRUST, World

pytestmark = pytest.mark.local
Look = Callable[[str], Any]


def test_an_api_loses_its_cors_and_description(engine: Engine, aws: Look) -> None:
    options = {"corsConfiguration": {"allowOrigins": ["https://a"]}, "description": "d"}
    api = make(engine, "aws:apigatewayv2/api:Api", protocolType="HTTP", **options)
    api.update(*options)
    live = aws("apigatewayv2").get_api(ApiId=api.id)
    assert "CorsConfiguration" not in live
    assert live["Description"] == ""
    assert "corsConfiguration" not in api.state


@pytest.mark.parametrize("part", ["api", "stage"])
def test_tags_of_an_api_and_its_stage_follow(
    engine: Engine, world: World, aws: Look, part: str
) -> None:
    tokens = {
        "api": ("aws:apigatewayv2/api:Api", {"protocolType": "HTTP"}),
        "stage": ("aws:apigatewayv2/stage:Stage", {"apiId": world.api["id"], "name": "tagged"}),
    }
    token, inputs = tokens[part]
    made = make(engine, token, **inputs, tags={"a": "1", "b": "2"}).update(tags={"b": "3"})
    assert aws("apigatewayv2").get_tags(ResourceArn=made.state["arn"])["Tags"] == {"b": "3"}
    assert made.read() == made.inputs


def test_a_stage_loses_its_logs_throttles_and_variables(
    engine: Engine, world: World, aws: Look
) -> None:
    settings = {
        "accessLogSettings": {"destinationArn": "arn:aws:logs:a", "format": "{}"},
        "defaultRouteSettings": {"throttlingRateLimit": 5, "throttlingBurstLimit": 5},
        "routeSettings": [{"routeKey": "GET /a", "throttlingRateLimit": 1}],
        "stageVariables": {"a": "1"},
    }
    inputs = {"apiId": world.api["id"], "name": "settled", "autoDeploy": True}
    stage = make(engine, "aws:apigatewayv2/stage:Stage", **inputs, **settings)
    assert stage.read() == stage.inputs
    stage.update(*settings)
    live = aws("apigatewayv2").get_stage(ApiId=world.api["id"], StageName="settled")
    assert not any(live.get(key[0].upper() + key[1:]) for key in settings)


def test_a_route_loses_its_authorizer(engine: Engine, world: World, aws: Look) -> None:
    api = world.api["id"]
    authorizer = make(
        engine,
        "aws:apigatewayv2/authorizer:Authorizer",
        apiId=api,
        authorizerType="JWT",
        identitySources=["$request.header.Authorization"],
        jwtConfiguration={"issuer": "https://a", "audiences": ["1"]},
    )
    guard: dict[str, Any] = {
        "authorizationType": "JWT",
        "authorizerId": authorizer.id,
        "authorizationScopes": ["read"],
    }
    route = make(engine, "aws:apigatewayv2/route:Route", apiId=api, routeKey="GET /g", **guard)
    route.update(*guard)
    live = aws("apigatewayv2").get_route(ApiId=api, RouteId=route.id)
    assert (live["AuthorizationType"], live.get("AuthorizerId")) == ("NONE", None)
    assert not live.get("AuthorizationScopes")


def test_a_mapping_loses_its_window_filter_and_cap(
    engine: Engine, world: World, aws: Look
) -> None:
    options = {
        "maximumBatchingWindowInSeconds": 3,
        "filterCriteria": {"filters": [{"pattern": '{"body": {"a": ["b"]}}'}]},
        "scalingConfig": {"maximumConcurrency": 2},
        "functionResponseTypes": ["ReportBatchItemFailures"],
        "enabled": False,
    }
    mapping = make(
        engine,
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        eventSourceArn=world.queue["arn"],
        functionName=world.function["arn"],
        **options,
        tags={"a": "1"},
    )
    assert mapping.read() == mapping.inputs
    mapping.update(*options, tags={"b": "2"})
    live = aws("lambda").get_event_source_mapping(UUID=mapping.id)
    assert live["State"] == "Enabled"
    assert not any(live.get(key[0].upper() + key[1:]) for key in options)
    assert aws("lambda").list_tags(Resource=mapping.state["arn"])["Tags"] == {"b": "2"}


def test_a_queue_goes_back_to_sqss_own_values(engine: Engine, aws: Look) -> None:
    options = {
        "visibilityTimeoutSeconds": 99,
        "delaySeconds": 9,
        "maxMessageSize": 2048,
        "policy": POLICY,
        "messageRetentionSeconds": 600,
        "receiveWaitTimeSeconds": 5,
    }
    queue = make(engine, "aws:sqs/queue:Queue", name="back", **options)
    assert queue.read() == queue.inputs
    queue.update(*options)
    names = ["VisibilityTimeout", "DelaySeconds", "MaximumMessageSize", "Policy"]
    found = aws("sqs").get_queue_attributes(QueueUrl=queue.id, AttributeNames=["All"])
    live = [found["Attributes"].get(name) or "" for name in names]
    assert live == ["30", "0", "1048576", ""]


def test_a_role_loses_its_boundary(engine: Engine, aws: Look) -> None:
    options = {
        "permissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "maxSessionDuration": 7200,
    }
    role = make(engine, "aws:iam/role:Role", assumeRolePolicy=TRUST, **options)
    assert role.read() == role.inputs
    role.update(*options)
    live = aws("iam").get_role(RoleName=role.id)["Role"]
    assert "PermissionsBoundary" not in live
    assert live["MaxSessionDuration"] == 3600


def test_a_rule_is_enabled_again(engine: Engine, world: World, aws: Look) -> None:
    options = {"description": "d", "state": "DISABLED"}
    rule = make(
        engine,
        "aws:cloudwatch/eventRule:EventRule",
        eventBusName=world.bus["name"],
        eventPattern='{"a":["b"]}',
        **options,
    )
    assert rule.read() == rule.inputs
    rule.update(*options)
    live = aws("events").describe_rule(Name=rule.inputs["name"], EventBusName="world")
    assert (live["State"], live.get("Description", "")) == ("ENABLED", "")


def test_a_key_is_of_the_kind_that_was_asked_for(engine: Engine, aws: Look) -> None:
    kind = {"keyUsage": "SIGN_VERIFY", "customerMasterKeySpec": "RSA_2048"}
    key = make(engine, "aws:kms/key:Key", **kind, isEnabled=False)
    assert key.read() == key.inputs
    key.update("isEnabled")
    live = aws("kms").describe_key(KeyId=key.id)["KeyMetadata"]
    assert (live["KeyUsage"], live["KeySpec"]) == ("SIGN_VERIFY", "RSA_2048")
    assert live["Enabled"]


def test_a_pool_loses_its_triggers_and_protection(engine: Engine, world: World, aws: Look) -> None:
    options = {
        "lambdaConfig": {"preSignUp": world.function["arn"]},
        "deletionProtection": "ACTIVE",
        "autoVerifiedAttributes": ["email"],
        "passwordPolicy": {"minimumLength": 14},
    }
    pool = make(engine, "aws:cognito/userPool:UserPool", **options)
    assert pool.read() == pool.inputs
    pool.update(*options)
    live = aws("cognito-idp").describe_user_pool(UserPoolId=pool.id)["UserPool"]
    assert not live.get("LambdaConfig")
    assert live["DeletionProtection"] == "INACTIVE"
    assert not live.get("AutoVerifiedAttributes")
    assert live["Policies"]["PasswordPolicy"]["MinimumLength"] == 8


def test_an_app_can_no_longer_sign_in_as_it_could(engine: Engine, world: World, aws: Look) -> None:
    options = {
        "allowedOauthFlows": ["code"],
        "allowedOauthFlowsUserPoolClient": True,
        "allowedOauthScopes": ["openid"],
        "callbackUrls": ["https://a"],
        "explicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
        "logoutUrls": ["https://b"],
        "supportedIdentityProviders": ["COGNITO"],
        "accessTokenValidity": 5,
        "tokenValidityUnits": {"accessToken": "minutes"},
    }
    pool = world.pool["id"]
    app = make(engine, "aws:cognito/userPoolClient:UserPoolClient", userPoolId=pool, **options)
    assert app.read() == app.inputs
    app.update(*options)
    found = aws("cognito-idp").describe_user_pool_client(UserPoolId=pool, ClientId=app.id)
    live = found["UserPoolClient"]
    gone = ("AllowedOAuthFlows", "AllowedOAuthScopes", "CallbackURLs", "LogoutURLs")
    assert not any(live.get(name) for name in (*gone, "ExplicitAuthFlows", "TokenValidityUnits"))
    assert not live["AllowedOAuthFlowsUserPoolClient"]
    assert live["AccessTokenValidity"] == 1


def test_a_resource_server_loses_its_scopes(engine: Engine, world: World) -> None:
    server = make(
        engine,
        "aws:cognito/resourceServer:ResourceServer",
        userPoolId=world.pool["id"],
        identifier="scoped",
        scopes=[{"scopeName": "read", "scopeDescription": "Read"}],
    ).update("scopes")
    assert server.engine.read(server.token, server.id, server.state, {})[2].get("scopes") == []
