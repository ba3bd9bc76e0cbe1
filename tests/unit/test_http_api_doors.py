"""Authorizers, backends and domains of an HTTP API."""

from typing import Any

import pytest

from components.api.authorizer import JwtIssuer, LambdaAuthorizer
from components.api.custom_domain import CustomDomain
from components.api.http_api import Cors, HttpApi, HttpApiArgs, VpcLink
from components.api.route import HttpBackend, Route
from components.api.user_pool import UserPool
from components.core.checks import ArgumentsError
from tests.contracts.examples.base import plain_function
from tests.recording import Deployment, deploy

LISTENER = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/a/1/2"
LINK = VpcLink(subnet_ids=("subnet-a", "subnet-b"), security_group_ids=("sg-a",))


def built(*routes: dict[str, Any], **settings: Any) -> Deployment:
    def program() -> None:
        HttpApi("front", HttpApiArgs(routes=[Route(**each) for each in routes], **settings))

    return deploy(program)


def backend(**settings: Any) -> dict[str, Any]:
    return {"key": "GET /a", "backend": HttpBackend(**settings), "auth": "none"}


def test_tokens_of_any_issuer_are_taken() -> None:
    issuer = JwtIssuer(issuer="https://login.example.com/", audiences=("orders",))
    deployment = built({**backend(url="https://b.example.com"), "auth": "jwt"}, jwt_issuer=issuer)
    jwt = deployment.inputs("authorizer:Authorizer")["jwtConfiguration"]
    assert jwt == {"issuer": "https://login.example.com/", "audiences": ["orders"]}


def test_a_signature_needs_no_authorizer() -> None:
    deployment = built({**backend(url="https://b.example.com"), "auth": "iam"})
    assert deployment.inputs("route:Route")["authorizationType"] == "AWS_IAM"
    assert not deployment.all("authorizer:Authorizer")


def test_a_function_can_let_callers_in() -> None:
    def program() -> None:
        authorizer = LambdaAuthorizer(function=plain_function("guard"), cache_seconds=60)
        route = Route(key="GET /a", function=plain_function(), auth="lambda")
        HttpApi("front", HttpApiArgs(routes=[route], lambda_authorizer=authorizer))

    deployment = deploy(program)
    authorizer = deployment.inputs("authorizer:Authorizer")
    assert authorizer["authorizerType"] == "REQUEST"
    assert ":live/" in authorizer["authorizerUri"]
    assert authorizer["authorizerResultTtlInSeconds"] == 60
    assert authorizer["identitySources"] == ["$request.header.authorization"]
    permission = deployment.inputs("permission:Permission", "authorizer-permission")
    assert permission["sourceArn"].endswith("/authorizers/front-lambda-authorizer-id")
    route = deployment.inputs("route:Route")
    assert route["authorizationType"] == "CUSTOM"
    assert route["authorizerId"] == "front-lambda-authorizer-id"


def test_a_backend_is_called_by_its_address() -> None:
    integration = built(backend(url="https://b.example.com/x")).inputs("integration:Integration")
    assert integration["integrationType"] == "HTTP_PROXY"
    assert integration["integrationUri"] == "https://b.example.com/x"
    assert "connectionType" not in integration


def test_a_private_backend_is_called_through_the_vpc_link() -> None:
    deployment = built(backend(listener_arn=LISTENER, server_name="b.internal"), vpc_link=LINK)
    link = deployment.inputs("vpcLink:VpcLink")
    assert link["subnetIds"] == ["subnet-a", "subnet-b"]
    integration = deployment.inputs("integration:Integration")
    assert integration["connectionType"] == "VPC_LINK"
    assert integration["connectionId"] == "front-vpc-link-id"
    assert integration["integrationUri"] == LISTENER
    assert integration["tlsConfig"] == {"serverNameToVerify": "b.internal"}


def test_a_private_backend_may_speak_without_tls_inside_the_vpc() -> None:
    deployment = built(backend(listener_arn=LISTENER), vpc_link=LINK)
    assert "tlsConfig" not in deployment.inputs("integration:Integration")


def test_a_domain_is_the_only_door_and_can_ask_for_certificates() -> None:
    domain = CustomDomain(
        name="api.example.com",
        certificate_arn="arn:aws:acm:eu-central-1:123456789012:certificate/1",
        truststore_uri="s3://trust/certificates.pem",
    )
    deployment = built(backend(url="https://b.example.com"), domain=domain)
    made = deployment.inputs("domainName:DomainName")
    assert made["domainNameConfiguration"]["securityPolicy"] == "TLS_1_2"
    assert made["mutualTlsAuthentication"] == {"truststoreUri": "s3://trust/certificates.pem"}
    assert deployment.inputs("api:Api")["disableExecuteApiEndpoint"] is True
    assert deployment.inputs("apiMapping:ApiMapping")["apiId"] == "front-api-id"
    assert deployment.outputs["toolkit:api:HttpApi front"]["url"] == "https://api.example.com"


def test_a_domain_asks_for_no_certificates_unless_told() -> None:
    domain = CustomDomain(name="api.example.com", certificate_arn="arn")
    made = built(backend(url="https://b.example.com"), domain=domain).inputs("DomainName")
    assert "mutualTlsAuthentication" not in made


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "url and listener_arn: allowed is one of the two"),
        ({"url": "https://a", "listener_arn": "b"}, "url and listener_arn: allowed is one of"),
        ({"url": "http://a"}, "url is 'http://a': allowed is an https:// address"),
        ({"url": "https://a", "server_name": "b"}, "server_name is 'b' without listener_arn"),
    ],
)
def test_a_backend_has_one_address_over_tls(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError, match=message):
        HttpBackend(**settings)


@pytest.mark.parametrize("name", ["Example.com", "example", "a..b.com", "-a.com", "a b.com"])
def test_a_domain_name_is_one(name: str) -> None:
    with pytest.raises(ArgumentsError, match="allowed is a domain name in lower case"):
        CustomDomain(name=name, certificate_arn="arn")


def test_a_truststore_is_an_object_in_s3() -> None:
    with pytest.raises(ArgumentsError, match="truststore_uri is 's3://a': allowed is an object"):
        CustomDomain(name="a.example.com", certificate_arn="arn", truststore_uri="s3://a")


@pytest.mark.parametrize(
    ("issuer", "audiences", "message"),
    [
        ("http://a", ("b",), "issuer is 'http://a': allowed is an https:// address"),
        ("https://a", (), "audiences is empty"),
    ],
)
def test_an_issuer_has_an_address_and_audiences(
    issuer: str, audiences: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ArgumentsError, match=message):
        JwtIssuer(issuer=issuer, audiences=audiences)


def test_an_answer_is_only_kept_for_an_identity() -> None:
    def program() -> None:
        LambdaAuthorizer(function=plain_function(), identity_headers=())

    with pytest.raises(ArgumentsError, match="identity_headers is empty for cache_seconds 300"):
        deploy(program)


@pytest.mark.parametrize(
    ("route", "settings", "message"),
    [
        ({"auth": "lambda"}, {}, "lambda_authorizer is None for GET /a: allowed is one"),
        ({}, {}, "user_pool is None for GET /a: allowed is one"),
        (
            {"auth": "none", "backend": HttpBackend(listener_arn="b")},
            {},
            "vpc_link is None for the private backends of GET /a",
        ),
    ],
)
def test_what_a_route_needs_is_asked_for(
    route: dict[str, Any], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentsError) as caught:
        built({"key": "GET /a", "backend": HttpBackend(url="https://b"), **route}, **settings)
    assert message in str(caught.value)


def test_a_route_has_a_function_or_a_backend() -> None:
    with pytest.raises(ArgumentsError, match="function and backend of GET /a: allowed is one"):
        Route(key="GET /a")


def test_an_api_has_one_issuer() -> None:
    def program() -> None:
        issuer = JwtIssuer(issuer="https://a", audiences=("b",))
        route = Route(key="GET /a", backend=HttpBackend(url="https://b"))
        HttpApiArgs(routes=[route], user_pool=UserPool("people"), jwt_issuer=issuer)

    with pytest.raises(
        ArgumentsError, match="user_pool and jwt_issuer: allowed is one of the two"
    ):
        deploy(program)


def test_any_origin_cannot_come_with_credentials() -> None:
    with pytest.raises(ArgumentsError, match=r"origins has '\*' with credentials"):
        Cors(origins=("*",), credentials=True)


@pytest.mark.parametrize(
    ("subnets", "groups", "message"),
    [
        (1, 1, "number of subnet_ids is 1: allowed is 2 to 10"),
        (11, 1, "number of subnet_ids is 11: allowed is 2 to 10"),
        (2, 6, "number of security_group_ids is 6: allowed is 1 to 5"),
    ],
)
def test_a_vpc_link_has_two_subnets_and_a_group(subnets: int, groups: int, message: str) -> None:
    with pytest.raises(ArgumentsError, match=message):
        VpcLink(subnet_ids=("s",) * subnets, security_group_ids=("g",) * groups)


CORS = Cors(origins=("https://example.com",))
ISSUER = JwtIssuer(issuer="https://a", audiences=("b",))


@pytest.mark.parametrize("key", ["$default", "ANY /a"])
def test_a_preflight_request_never_needs_a_token(key: str) -> None:
    route = {"key": key, "backend": HttpBackend(url="https://b")}
    deployment = built(route, jwt_issuer=ISSUER, cors=CORS)
    preflight = deployment.inputs("route:Route", "front-preflight-route")
    assert preflight["routeKey"] == "OPTIONS /{proxy+}"
    assert preflight["authorizationType"] == "NONE"
    assert "target" not in preflight


def test_without_cors_or_with_other_methods_there_is_no_route_for_it() -> None:
    backend_ = HttpBackend(url="https://b")
    default = {"key": "$default", "backend": backend_}
    assert len(built(default, jwt_issuer=ISSUER).all("route:Route")) == 1
    get = {"key": "GET /a", "backend": backend_}
    assert len(built(get, jwt_issuer=ISSUER, cors=CORS).all("route:Route")) == 1


def test_an_options_route_cannot_ask_for_a_token() -> None:
    with pytest.raises(ArgumentsError, match="auth of OPTIONS /a is 'jwt': allowed is 'none'"):
        Route(key="OPTIONS /a", backend=HttpBackend(url="https://b"))
