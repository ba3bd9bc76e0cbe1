import json
from collections.abc import Callable
from typing import Any

import pytest

from components.api.http_api import Cors, HttpApi, HttpApiArgs
from components.api.route import Route, Throttle
from components.api.user_pool import UserPool
from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize
from components.core.checks import ArgumentsError
from tests.contracts.examples.base import CODE, HANDLER, http_api, plain_function
from tests.recording import Deployment, deploy


@pytest.fixture(scope="module")
def deployment() -> Deployment:
    return deploy(http_api)


def test_a_route_needs_a_token_unless_it_says_none(deployment: Deployment) -> None:
    guarded = deployment.inputs("route:Route", "post-things-route")
    assert guarded["authorizationType"] == "JWT"
    assert guarded["authorizerId"] == "front-authorizer-id"
    assert deployment.inputs("route:Route", "default-route")["authorizationType"] == "NONE"


def test_a_token_is_for_this_pool_and_its_clients(deployment: Deployment) -> None:
    jwt = deployment.inputs("authorizer:Authorizer", "front-authorizer")["jwtConfiguration"]
    assert (
        jwt["issuer"] == "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_people-pool"
    )
    assert jwt["audiences"] == ["people-web-client-id"]


def test_scopes_reach_the_route(deployment: Deployment) -> None:
    route = deployment.inputs("route:Route", "get-things-id-route")
    assert route["authorizationScopes"] == ["people/read"]


def test_functions_share_one_integration_and_have_a_permission_per_route(
    deployment: Deployment,
) -> None:
    names = [each.name for each in deployment.all("integration:Integration")]
    assert sorted(names) == [
        "front-get-inside-integration",
        "front-lost-integration",
        "front-work-integration",
    ]
    sources = {each.inputs["sourceArn"] for each in deployment.all("permission:Permission")}
    api = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3"
    assert sources == {
        f"{api}/*/POST/things",
        f"{api}/*/GET/things/*",
        f"{api}/*/GET/guarded",
        f"{api}/*/$default",
        f"{api}/authorizers/front-lambda-authorizer-id",
    }


def test_the_stage_is_throttled_and_so_is_a_route(deployment: Deployment) -> None:
    stage = deployment.inputs("stage:Stage")
    assert stage["autoDeploy"] is True
    assert stage["defaultRouteSettings"]["throttlingRateLimit"] == 100
    assert stage["defaultRouteSettings"]["throttlingBurstLimit"] == 200
    (route,) = stage["routeSettings"]
    assert (route["routeKey"], route["throttlingRateLimit"]) == ("POST /things", 5)
    assert "front-post-things-route" in deployment.one("stage:Stage").depends_on


def test_access_is_logged_as_json(deployment: Deployment) -> None:
    settings = deployment.inputs("stage:Stage")["accessLogSettings"]
    fields = json.loads(settings["format"])
    assert fields["status"] == "$context.status"
    logs = deployment.inputs("logGroup:LogGroup", "front-logs")
    assert logs["namePrefix"] == "/aws/vendedlogs/front-"


def test_cors_is_for_the_origins_named(deployment: Deployment) -> None:
    cors = deployment.inputs("api:Api")["corsConfiguration"]
    assert cors["allowOrigins"] == ["https://example.com"]
    assert "idempotency-key" in cors["allowHeaders"]


def built(routes: Callable[[], list[Route]], **settings: Any) -> Deployment:
    return deploy(lambda: HttpApi("front", HttpApiArgs(routes=routes(), **settings)))


def test_without_origins_there_is_no_cors() -> None:
    deployment = built(
        lambda: [Route(key="GET /", function=plain_function(), auth="none")], cors=Cors()
    )
    assert "corsConfiguration" not in deployment.inputs("api:Api")


def test_any_method_is_a_wildcard_in_the_permission_of_that_path() -> None:
    deployment = built(lambda: [Route(key="ANY /a", function=plain_function(), auth="none")])
    assert deployment.inputs("permission:Permission")["sourceArn"].endswith("/*/*/a")


@pytest.mark.parametrize("key", ["GET", "get /", "FETCH /", "GET orders", "$other"])
def test_a_route_key_is_a_method_and_a_path(key: str) -> None:
    with pytest.raises(ArgumentsError, match="allowed is METHOD /path or"):
        built(lambda: [Route(key=key, function=plain_function(), auth="none")])


def test_an_authorization_is_one_of_those_offered() -> None:
    with pytest.raises(
        ArgumentsError, match="auth is 'some': allowed is 'jwt', 'iam', 'lambda', 'none'"
    ):
        built(lambda: [Route(key="GET /", function=plain_function(), auth="some")])  # type: ignore[arg-type]


def test_scopes_need_a_token() -> None:
    with pytest.raises(ArgumentsError, match="scopes are given for auth 'none'"):
        built(lambda: [Route(key="GET /", function=plain_function(), auth="none", scopes=("a",))])


def test_a_guarded_route_needs_a_user_pool() -> None:
    with pytest.raises(ArgumentsError, match="user_pool is None for GET /: allowed is one"):
        built(lambda: [Route(key="GET /", function=plain_function())])


def test_two_routes_of_the_same_name_are_refused() -> None:
    def routes() -> list[Route]:
        work = plain_function()
        return [Route(key=key, function=work, auth="none") for key in ("GET /a-b", "GET /a/b")]

    with pytest.raises(ArgumentsError, match=r"twice: GET /a-b, GET /a/b"):
        built(routes)


@pytest.mark.parametrize(("count", "fits"), [(0, False), (1, True), (300, True), (301, False)])
def test_an_api_has_1_to_300_routes(count: int, fits: bool) -> None:
    def program() -> None:
        work, pool = plain_function(), UserPool("people")
        routes = [Route(key=f"GET /r{n}", function=work) for n in range(count)]
        HttpApiArgs(routes=routes, user_pool=pool)

    if fits:
        deploy(program)
    else:
        with pytest.raises(ArgumentsError, match=f"number of routes is {count}: allowed is 1 to"):
            deploy(program)


@pytest.mark.parametrize(("timeout", "fits"), [(29, True), (30, False)])
def test_a_function_answers_before_the_api_gives_up(timeout: int, fits: bool) -> None:
    def program() -> None:
        size = FunctionSize(timeout_seconds=timeout)
        work = Function("work", FunctionArgs(code=CODE, handler=HANDLER, size=size))
        Route(key="GET /", function=work, throttle=Throttle())

    if fits:
        deploy(program)
    else:
        with pytest.raises(ArgumentsError, match="timeout_seconds of work is 30: allowed behind"):
            deploy(program)
