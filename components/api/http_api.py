"""An HTTP API."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws

from components.api.authorizer import jwt_authorizer, lambda_authorizer
from components.api.custom_domain import map_domain
from components.api.http_api_args import Cors, HttpApiArgs, VpcLink
from components.api.route import DEFAULT, Route, Throttle
from components.core.logs import log_group
from components.core.names import check_name

__all__ = ["Cors", "HttpApi", "HttpApiArgs", "VpcLink"]

AUTHORIZATION = {"jwt": "JWT", "iam": "AWS_IAM", "lambda": "CUSTOM", "none": "NONE"}
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
            # Under a domain of its own it has no other door, which would need no certificate.
            disable_execute_api_endpoint=args.domain is not None,
            opts=self._child,
        )
        self._authorizers = self._make_authorizers()
        self._link = self._vpc_link()
        routes = self._routes()
        self.stage = self._stage(routes)
        self.url = self.stage.invoke_url
        if args.domain:
            self.domain = map_domain(name, args.domain, self.api, self.stage, self._child)
            self.url = pulumi.Output.from_input(f"https://{args.domain.name}")
        self.register_outputs({"url": self.url})

    def _cors(self) -> aws.apigatewayv2.ApiCorsConfigurationArgs | None:
        cors = self.args.cors
        if not cors.origins:
            return None
        return aws.apigatewayv2.ApiCorsConfigurationArgs(
            allow_origins=list(cors.origins),
            allow_methods=list(cors.methods),
            allow_headers=list(cors.headers),
            allow_credentials=cors.credentials,
            max_age=cors.max_age_seconds,
        )

    def _make_authorizers(self) -> dict[str, aws.apigatewayv2.Authorizer]:
        made, issuer, given = {}, self.args.issuer(), self.args.lambda_authorizer
        if issuer:
            made["jwt"] = jwt_authorizer(self.name, self.api, issuer, self._child)
        if given:
            made["lambda"] = lambda_authorizer(self.name, self.api, given, self._child)
        return made

    def _vpc_link(self) -> aws.apigatewayv2.VpcLink | None:
        link = self.args.vpc_link
        if link is None:
            return None
        return aws.apigatewayv2.VpcLink(
            f"{self.name}-vpc-link",
            subnet_ids=list(link.subnet_ids),
            security_group_ids=list(link.security_group_ids),
            opts=self._child,
        )

    def _routes(self) -> list[aws.apigatewayv2.Route]:
        integrations: dict[str, aws.apigatewayv2.Integration] = {}
        routes = []
        for route in self.args.routes:
            if route.target not in integrations:
                integrations[route.target] = self._integration(route)
            routes.append(self._route(route, integrations[route.target]))
        if self.args.cors.origins and any(each.catches_preflight for each in self.args.routes):
            routes.append(self._preflight())
        return routes

    def _preflight(self) -> aws.apigatewayv2.Route:
        """Take preflight requests before a route that wants a token; API Gateway answers them."""
        return aws.apigatewayv2.Route(
            f"{self.name}-preflight-route",
            api_id=self.api.id,
            route_key="OPTIONS /{proxy+}",
            authorization_type="NONE",
            opts=self._child,
        )

    def _integration(self, route: Route) -> aws.apigatewayv2.Integration:
        return aws.apigatewayv2.Integration(
            f"{self.name}-{route.target}-integration",
            api_id=self.api.id,
            opts=self._child,
            **self._answer(route),
        )

    def _answer(self, route: Route) -> dict[str, Any]:
        """Return the integration's arguments: a function's target, or a backend."""
        if route.function:
            return {
                "integration_type": "AWS_PROXY",
                "integration_uri": route.function.target.invoke_arn,
                "payload_format_version": "2.0",
            }
        backend = route.backend
        assert backend is not None  # noqa: S101  a route has one of the two
        private = {
            "connection_type": "VPC_LINK",
            "connection_id": self._link.id if self._link else None,
            "tls_config": (
                {"server_name_to_verify": backend.server_name} if backend.server_name else None
            ),
        }
        return {
            "integration_type": "HTTP_PROXY",
            "integration_method": "ANY",
            "integration_uri": backend.url or backend.listener_arn,
            "timeout_milliseconds": backend.timeout_milliseconds,
            **(private if backend.listener_arn else {}),
        }

    def _route(
        self, route: Route, integration: aws.apigatewayv2.Integration
    ) -> aws.apigatewayv2.Route:
        depends = []
        if route.function:
            kind = f"{self.name}-{route.slug}-permission"
            source = route.source_arn(self.api.execution_arn)
            route.function.warn_if_synchronous(f"route {route.key} of {self.name}")
            depends = [route.function.permit(kind, "apigateway.amazonaws.com", source)]
        authorizer = self._authorizers.get(route.auth)
        return aws.apigatewayv2.Route(
            f"{self.name}-{route.slug}-route",
            api_id=self.api.id,
            route_key=route.key,
            target=integration.id.apply(lambda id_: f"integrations/{id_}"),
            authorization_type=AUTHORIZATION[route.auth],
            authorizer_id=authorizer.id if authorizer else None,
            authorization_scopes=list(route.scopes) or None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=depends),
        )

    def _stage(self, routes: list[aws.apigatewayv2.Route]) -> aws.apigatewayv2.Stage:
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
            default_route_settings=aws.apigatewayv2.StageDefaultRouteSettingsArgs(
                **_limits(self.args.throttle)
            ),
            route_settings=[
                aws.apigatewayv2.StageRouteSettingArgs(
                    route_key=route.key, **_limits(route.throttle)
                )
                for route in self.args.routes
                if route.throttle
            ],
            # A route's settings need the route.
            opts=pulumi.ResourceOptions(parent=self, depends_on=routes),
        )


def _limits(throttle: Throttle) -> dict[str, Any]:
    return {
        "throttling_rate_limit": throttle.rate,
        "throttling_burst_limit": throttle.burst,
        "detailed_metrics_enabled": True,
    }
