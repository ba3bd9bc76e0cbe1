"""HTTP APIs: botocore's shapes tell nearly all of it."""

from typing import Any

from local.provider.clients import Clients
from local.provider.handler import Api, handles
from local.provider.wire import Properties


class Part(Api):
    """A part of an API; it goes where its API goes."""

    service = "apigatewayv2"
    read_verb = "get"


@handles("aws:apigatewayv2/api:Api")
class HttpApi(Part):
    """An API."""

    replace = frozenset({"protocolType"})
    noun = "api"
    key = {"ApiId": "id"}
    id_member = "ApiId"

    def more(self, aws: Clients, id_: str, state: Properties) -> Properties:
        return {
            "apiEndpoint": f"{aws.endpoint}/_aws/execute-api/{id_}",
            "arn": f"arn:aws:apigateway:{aws.region}::/apis/{id_}",
            "executionArn": aws.arn("execute-api", id_),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        super().update(aws, id_, old, {k: v for k, v in new.items() if k != "protocolType"})


@handles("aws:apigatewayv2/authorizer:Authorizer")
class Authorizer(Part):
    """What checks a route's callers."""

    replace = frozenset({"apiId"})
    noun = "authorizer"
    key = {"ApiId": "apiId", "AuthorizerId": "id"}
    id_member = "AuthorizerId"
    renames = {"identitySources": "IdentitySource", "audiences": "Audience"}


@handles("aws:apigatewayv2/integration:Integration")
class Integration(Part):
    """What a route calls."""

    replace = frozenset({"apiId", "integrationType"})
    noun = "integration"
    key = {"ApiId": "apiId", "IntegrationId": "id"}
    id_member = "IntegrationId"
    renames = {"timeoutMilliseconds": "TimeoutInMillis"}


@handles("aws:apigatewayv2/route:Route")
class Route(Part):
    """A method and a path."""

    replace = frozenset({"apiId"})
    noun = "route"
    key = {"ApiId": "apiId", "RouteId": "id"}
    id_member = "RouteId"


@handles("aws:apigatewayv2/stage:Stage")
class Stage(Part):
    """A stage; its id is its name, and its address is the emulator's."""

    replace = frozenset({"apiId", "name"})
    noun = "stage"
    key = {"ApiId": "apiId", "StageName": "id"}
    id_member = "StageName"
    renames = {"name": "StageName"}

    def prepare(self, properties: Properties) -> Properties:
        settings = {
            each["routeKey"]: {key: value for key, value in each.items() if key != "routeKey"}
            for each in properties.get("routeSettings", [])
        }
        return {**properties, "routeSettings": settings}

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        live: dict[str, Any] | None = super().read(aws, id_, state)
        if live is not None:
            live.pop("routeSettings", None)
        return live

    def more(self, aws: Clients, id_: str, state: Properties) -> Properties:
        api = state["apiId"]
        return {
            "invokeUrl": f"{aws.endpoint}/_aws/execute-api/{api}/{id_}",
            "executionArn": aws.arn("execute-api", f"{api}/{id_}"),
            "arn": f"arn:aws:apigateway:{aws.region}::/apis/{api}/stages/{id_}",
        }
