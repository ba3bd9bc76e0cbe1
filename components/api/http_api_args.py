"""The settings of an HTTP API."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import pulumi
from annotated_types import Interval

from components.api.authorizer import JwtIssuer, LambdaAuthorizer
from components.api.custom_domain import CustomDomain
from components.api.route import Route, Throttle
from components.api.user_pool import UserPool
from components.core.checks import between, check, check_fields, when
from components.core.encryption_key import EncryptionKey
from components.core.logs import LogSettings

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
MOST_ROUTES = 300


@dataclass(frozen=True, kw_only=True)
class Cors:
    """Which web pages may call the API; preflight requests are never authorised."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    origins: Sequence[str] = ()
    methods: Sequence[str] = ("GET", "POST")
    headers: Sequence[str] = ("authorization", "content-type", "idempotency-key")
    credentials: bool = False
    # https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html
    max_age_seconds: Annotated[int, Interval(ge=-1, le=86_400)] = 3_600

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            when(
                self.credentials and "*" in self.origins,
                "origins has '*' with credentials: allowed is the origins by their names",
            )
        )


@dataclass(frozen=True, kw_only=True)
class VpcLink:
    """Where the API reaches private backends from: subnets and security groups."""

    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]

    def __post_init__(self) -> None:
        check(
            between("number of subnet_ids", len(self.subnet_ids), 2, 10),
            between("number of security_group_ids", len(self.security_group_ids), 1, 5),
        )


@dataclass(frozen=True, kw_only=True)
class HttpApiArgs:
    """Settings of an HttpApi.

    Tokens are those of `user_pool`, for any of its clients, or of another `jwt_issuer`.
    `lambda_authorizer` is for routes of auth `lambda`, `vpc_link` for those of private backends.
    """

    routes: Sequence[Route]
    user_pool: UserPool | None = None
    jwt_issuer: JwtIssuer | None = None
    lambda_authorizer: LambdaAuthorizer | None = None
    vpc_link: VpcLink | None = None
    domain: CustomDomain | None = None
    cors: Cors = field(default_factory=Cors)
    throttle: Throttle = field(default_factory=Throttle)
    logs: LogSettings = field(default_factory=LogSettings)
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check(*self._mistakes())

    def _mistakes(self) -> Iterator[str | None]:
        slugs = [route.slug for route in self.routes]
        double = sorted({route.key for route in self.routes if slugs.count(route.slug) > 1})
        yield between("number of routes", len(self.routes), 1, MOST_ROUTES)
        yield when(bool(double), f"routes name the same thing twice: {', '.join(double)}")
        yield when(
            self.user_pool is not None and self.jwt_issuer is not None,
            "user_pool and jwt_issuer: allowed is one of the two",
        )
        for auth, given, wanted in (
            ("jwt", self.user_pool or self.jwt_issuer, "user_pool is None"),
            ("lambda", self.lambda_authorizer, "lambda_authorizer is None"),
        ):
            guarded = [route.key for route in self.routes if route.auth == auth]
            yield when(
                bool(guarded) and given is None,
                f"{wanted} for {', '.join(guarded)}: allowed is one, or a route's auth='none'",
            )
        private = [r.key for r in self.routes if r.backend and r.backend.listener_arn]
        yield when(
            bool(private) and self.vpc_link is None,
            f"vpc_link is None for the private backends of {', '.join(private)}: allowed is one",
        )

    def issuer(self) -> JwtIssuer | None:
        """Return whose tokens are good."""
        pool = self.user_pool
        if pool is None:
            return self.jwt_issuer
        clients = [pool.client_ids[client] for client in sorted(pool.client_ids)]
        return JwtIssuer(issuer=pool.issuer, audiences=clients)
