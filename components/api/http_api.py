"""An HTTP API."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.api.route import DEFAULT, Route, Throttle
from components.api.user_pool import UserPool
from components.compute.function import Function
from components.core.checks import between, check, check_fields, when
from components.core.encryption_key import EncryptionKey
from components.core.logs import LogSettings, log_group
from components.core.names import check_name

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
MOST_ROUTES = 300
ACCESS_LOG = json.dumps(
    {
        field_name: f"$context.{variable}"
        for field_name, variable in {
            "request_id": "requestId",
            "time": "requestTimeEpoch",
            "ip": "identity.sourceIp",
            "user_agent": "identity.userAgent",
            "route": "routeKey",
            "path": "path",
            "status": "status",
            "latency_ms": "responseLatency",
            "integration_latency_ms": "integrationLatency",
            "integration_error": "integrationErrorMessage",
            "authorizer_error": "authorizer.error",
            "response_bytes": "responseLength",
        }.items()
    }
)


@dataclass(frozen=True, kw_only=True)
class Cors:
    """Which web pages may call the API; preflight requests are never authorised."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    origins: Sequence[str] = ()
    methods: Sequence[str] = ("GET", "POST")
    headers: Sequence[str] = ("authorization", "content-type", "idempotency-key")
    # https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html
    max_age_seconds: Annotated[int, Interval(ge=-1, le=86_400)] = 3_600

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, kw_only=True)
class HttpApiArgs:
    """Settings of an HttpApi; tokens are those of `user_pool`, for any of its clients."""

    routes: Sequence[Route]
    user_pool: UserPool | None = None
    cors: Cors = field(default_factory=Cors)
    throttle: Throttle = field(default_factory=Throttle)
    logs: LogSettings = field(default_factory=LogSettings)
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        slugs = [route.slug for route in self.routes]
        double = sorted({route.key for route in self.routes if slugs.count(route.slug) > 1})
        guarded = [route.key for route in self.routes if route.auth == "jwt"]
        check(
            between("number of routes", len(self.routes), 1, MOST_ROUTES),
            when(bool(double), f"routes name the same thing twice: {', '.join(double)}"),
            when(
                self.user_pool is None and bool(guarded),
                f"user_pool is None for {', '.join(guarded)}: allowed is a UserPool, or a "
                f"route's auth='none'",
            ),
        )


class HttpApi(pulumi.ComponentResource):
    """An API whose every route is authorised, throttled, logged, and calls a target."""

    url: pulumi.Output[str]

    def __init__(
        self, name: str, args: HttpApiArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        super().__init__("toolkit:api:HttpApi", name, {}, opts)
        self.name = name
        self.args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.api = aws.apigatewayv2.Api(
            f"{name}-api",
            protocol_type="HTTP",
            cors_configuration=self._cors(),
            opts=self._child,
        )
        self._authorizer = self._jwt_authorizer(args.user_pool) if args.user_pool else None
        integrations = {
            function.name: self._integration(function)
            for function in dict.fromkeys(route.function for route in args.routes)
        }
        routes = [self._route(route, integrations[route.function.name]) for route in args.routes]
        self.stage = self._stage(routes)
        self.url = self.stage.invoke_url
        self.register_outputs({"url": self.url})

    def _cors(self) -> aws.apigatewayv2.ApiCorsConfigurationArgs | None:
        cors = self.args.cors
        if not cors.origins:
            return None
        return aws.apigatewayv2.ApiCorsConfigurationArgs(
            allow_origins=list(cors.origins),
            allow_methods=list(cors.methods),
            allow_headers=list(cors.headers),
            max_age=cors.max_age_seconds,
        )

    def _jwt_authorizer(self, pool: UserPool) -> aws.apigatewayv2.Authorizer:
        return aws.apigatewayv2.Authorizer(
            f"{self.name}-authorizer",
            api_id=self.api.id,
            authorizer_type="JWT",
            identity_sources=["$request.header.Authorization"],
            jwt_configuration={
                "issuer": pool.issuer,
                "audiences": [pool.client_ids[client] for client in sorted(pool.client_ids)],
            },
            opts=self._child,
        )

    def _integration(self, function: Function) -> aws.apigatewayv2.Integration:
        return aws.apigatewayv2.Integration(
            f"{self.name}-{function.name}-integration",
            api_id=self.api.id,
            integration_type="AWS_PROXY",
            integration_uri=function.target.invoke_arn,
            payload_format_version="2.0",
            opts=self._child,
        )

    def _route(
        self, route: Route, integration: aws.apigatewayv2.Integration
    ) -> aws.apigatewayv2.Route:
        guarded = route.auth == "jwt" and self._authorizer
        permission = route.function.permit(
            f"{self.name}-{route.slug}-permission",
            "apigateway.amazonaws.com",
            route.source_arn(self.api.execution_arn),
        )
        return aws.apigatewayv2.Route(
            f"{self.name}-{route.slug}-route",
            api_id=self.api.id,
            route_key=route.key,
            target=integration.id.apply(lambda id_: f"integrations/{id_}"),
            authorization_type="JWT" if guarded else "NONE",
            authorizer_id=guarded.id if guarded else None,
            authorization_scopes=list(route.scopes) or None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )

    def _stage(self, routes: list[aws.apigatewayv2.Route]) -> aws.apigatewayv2.Stage:
        throttle = self.args.throttle
        logs = log_group(
            self.name,
            self.args.logs,
            self.args.key.arn if self.args.key else None,
            self._child,
            # Elsewhere each API adds to one log resource policy of 5,120 characters:
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
            prefix=f"/aws/vendedlogs/{self.name}-",
        )
        return aws.apigatewayv2.Stage(
            f"{self.name}-stage",
            api_id=self.api.id,
            name=DEFAULT,
            auto_deploy=True,
            access_log_settings={"destination_arn": logs.arn, "format": ACCESS_LOG},
            default_route_settings={
                "throttling_rate_limit": throttle.rate,
                "throttling_burst_limit": throttle.burst,
                "detailed_metrics_enabled": True,
            },
            route_settings=[
                {
                    "route_key": route.key,
                    "throttling_rate_limit": route.throttle.rate,
                    "throttling_burst_limit": route.throttle.burst,
                    "detailed_metrics_enabled": True,
                }
                for route in self.args.routes
                if route.throttle
            ],
            # A route's settings need the route.
            opts=pulumi.ResourceOptions(parent=self, depends_on=routes),
        )
