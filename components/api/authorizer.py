"""Who may call an HTTP API: holders of a token, or those whom a function lets in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.compute.function import Function
from components.core.checks import check, check_fields, matches, when


@dataclass(frozen=True, kw_only=True)
class JwtIssuer:
    """An issuer of JSON Web Tokens, and whom its tokens must be for."""

    issuer: pulumi.Input[str]
    audiences: Sequence[pulumi.Input[str]]

    def __post_init__(self) -> None:
        check(when(not self.audiences, "audiences is empty: allowed is one or more"))
        if isinstance(self.issuer, str):
            check(matches("issuer", self.issuer, r"https://\S+", "an https:// address"))


@dataclass(frozen=True, kw_only=True)
class LambdaAuthorizer:
    """A function that answers whether a request may pass (payload 2.0, simple answers).

    Its answer is kept for `cache_seconds` for the same values of `identity_headers`.
    """

    function: Function
    identity_headers: Sequence[str] = ("authorization",)
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
    cache_seconds: Annotated[int, Interval(ge=0, le=3_600)] = 300

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            when(
                self.cache_seconds > 0 and not self.identity_headers,
                f"identity_headers is empty for cache_seconds {self.cache_seconds}: allowed is "
                "one or more",
            )
        )


def jwt_authorizer(
    name: str, api: aws.apigatewayv2.Api, issuer: JwtIssuer, opts: pulumi.ResourceOptions
) -> aws.apigatewayv2.Authorizer:
    """Let in who has a token of the issuer."""
    return aws.apigatewayv2.Authorizer(
        f"{name}-authorizer",
        api_id=api.id,
        authorizer_type="JWT",
        identity_sources=["$request.header.Authorization"],
        jwt_configuration={"issuer": issuer.issuer, "audiences": list(issuer.audiences)},
        opts=opts,
    )


def lambda_authorizer(
    name: str, api: aws.apigatewayv2.Api, given: LambdaAuthorizer, opts: pulumi.ResourceOptions
) -> aws.apigatewayv2.Authorizer:
    """Let in whom a function lets in."""
    authorizer = aws.apigatewayv2.Authorizer(
        f"{name}-lambda-authorizer",
        api_id=api.id,
        authorizer_type="REQUEST",
        authorizer_uri=given.function.target.invoke_arn,
        authorizer_payload_format_version="2.0",
        enable_simple_responses=True,
        authorizer_result_ttl_in_seconds=given.cache_seconds,
        identity_sources=[f"$request.header.{header}" for header in given.identity_headers],
        opts=opts,
    )
    given.function.warn_if_synchronous(f"the authorizer of {name}")
    given.function.permit(
        f"{name}-authorizer-permission",
        "apigateway.amazonaws.com",
        pulumi.Output.format("{0}/authorizers/{1}", api.execution_arn, authorizer.id),
    )
    return authorizer
