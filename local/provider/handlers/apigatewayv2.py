"""HTTP APIs: botocore's shapes tell nearly all of it."""

from typing import Any

from local.provider.clients import Clients
from local.provider.handler import Api, handles
from local.provider.handlers import tags
from local.provider.wire import Properties


class Part(Api):
    """A part of an API; it goes where its API goes."""

    service = "apigatewayv2"
    read_verb = "get"


class Tagged(Part):
    """A part with tags, which have operations of their own."""

    def path(self, id_: str, state: Properties) -> str:
        """Return the last part of the ARN."""
        return f"apis/{id_}"

    def more(self, aws: Clients, id_: str, state: Properties) -> Properties:
        arn = self._arn(aws, id_, state)
        # The emulator's API and stage tell the tags that they were created with, for ever.
        return {"arn": arn, "tags": aws(self.service).get_tags(ResourceArn=arn)["Tags"]}

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        super().update(aws, id_, old, new)
        client, arn = aws(self.service), self._arn(aws, id_, {**old, **new})
        if tags.removed(old, new):
            client.untag_resource(ResourceArn=arn, TagKeys=tags.removed(old, new))
        if new.get("tags"):
            client.tag_resource(ResourceArn=arn, Tags=new["tags"])

    def _arn(self, aws: Clients, id_: str, state: Properties) -> str:
        return f"arn:aws:apigateway:{aws.region}::/{self.path(id_, state)}"


@handles("aws:apigatewayv2/api:Api")
class HttpApi(Tagged):
    """An API."""

    replace = frozenset({"protocolType"})
    noun = "api"
    key = {"ApiId": "id"}
    id_member = "ApiId"
    resets = {"description": "", "version": "", "disableExecuteApiEndpoint": False}

    def more(self, aws: Clients, id_: str, state: Properties) -> Properties:
        return {
            **super().more(aws, id_, state),
            "apiEndpoint": f"{aws.endpoint}/_aws/execute-api/{id_}",
            "executionArn": aws.arn("execute-api", id_),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        super().update(aws, id_, old, {k: v for k, v in new.items() if k != "protocolType"})
        if "corsConfiguration" in old and "corsConfiguration" not in new:
            aws(self.service).delete_cors_configuration(ApiId=id_)


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
    resets = {"description": "", "timeoutMilliseconds": 30_000}


@handles("aws:apigatewayv2/route:Route")
class Route(Part):
    """A method and a path."""

    replace = frozenset({"apiId"})
    noun = "route"
    key = {"ApiId": "apiId", "RouteId": "id"}
    id_member = "RouteId"
    resets = {
        "authorizationType": "NONE",
        "authorizerId": "",
        "authorizationScopes": [],
        "operationName": "",
        "target": "",
    }


@handles("aws:apigatewayv2/stage:Stage")
class Stage(Tagged):
    """A stage; its id is its name, and its address is the emulator's."""

    replace = frozenset({"apiId", "name"})
    noun = "stage"
    key = {"ApiId": "apiId", "StageName": "id"}
    id_member = "StageName"
    renames = {"name": "StageName"}
    # The emulator takes the operation that removes a stage's access logs for one on the stage.
    resets = {
        "description": "",
        "accessLogSettings": {},
        "defaultRouteSettings": {},
        "stageVariables": {},
    }

    def prepare(self, properties: Properties) -> Properties:
        settings = {
            each["routeKey"]: {key: value for key, value in each.items() if key != "routeKey"}
            for each in properties.get("routeSettings", [])
        }
        return {**properties, "routeSettings": settings}

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        live: dict[str, Any] = super().read(aws, id_, state) or {}
        settings = live.get("routeSettings", {})
        live["routeSettings"] = [{"routeKey": key, **each} for key, each in settings.items()]
        return live

    def path(self, id_: str, state: Properties) -> str:
        return f"apis/{state['apiId']}/stages/{id_}"

    def more(self, aws: Clients, id_: str, state: Properties) -> Properties:
        api = state["apiId"]
        return {
            **super().more(aws, id_, state),
            "invokeUrl": f"{aws.endpoint}/_aws/execute-api/{api}/{id_}",
            "executionArn": aws.arn("execute-api", f"{api}/{id_}"),
        }
