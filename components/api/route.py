"""A route of an HTTP API."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import pulumi
from annotated_types import Interval

from components.compute.function import Function
from components.core.checks import check, check_fields, matches, when
from components.core.names import slug

DEFAULT = "$default"
KEY = r"\$default|(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /\S*"
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
LONGEST_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Throttle:
    """The requests that are let through: a steady rate a second, and a burst above it.

    Zero is not allowed: API Gateway would refuse every request.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    # The account's default quota: 10,000 requests a second, 5,000 at once.
    rate: Annotated[int, Interval(ge=1, le=10_000)] = 100
    burst: Annotated[int, Interval(ge=1, le=5_000)] = 200

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, kw_only=True)
class HttpBackend:
    """A backend that speaks HTTP: by its address, or privately by a listener of a load balancer.

    A private one is reached through the API's VPC link, over TLS as `server_name` where given.
    """

    url: str | None = None
    listener_arn: pulumi.Input[str] | None = None
    server_name: str | None = None
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
    timeout_milliseconds: Annotated[int, Interval(ge=50, le=30_000)] = 29_000

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            when(
                (self.url is None) == (self.listener_arn is None),
                "url and listener_arn: allowed is one of the two",
            ),
            matches("url", self.url or "https://", r"https://\S*", "an https:// address"),
            when(
                self.server_name is not None and self.listener_arn is None,
                f"server_name is {self.server_name!r} without listener_arn: allowed is None",
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Route:
    """What answers a method and a path, such as `GET /orders/{order_id}`, and who may call it.

    A function or a backend answers. `auth`: `jwt` (a token; with `scopes`, one that has one of
    them), `iam` (a signature), `lambda` (the API's authorizer), or `none`, which must be written.
    """

    key: str
    function: Function | None = None
    backend: HttpBackend | None = None
    auth: Literal["jwt", "iam", "lambda", "none"] = "jwt"
    scopes: Sequence[str] = ()
    throttle: Throttle | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(*self._mistakes())

    def _mistakes(self) -> Iterator[str | None]:
        yield matches("key", self.key, KEY, "METHOD /path or $default")
        yield when(
            (self.function is None) == (self.backend is None),
            f"function and backend of {self.key}: allowed is one of the two",
        )
        yield when(
            bool(self.scopes) and self.auth != "jwt",
            f"scopes are given for auth {self.auth!r}: allowed is 'jwt'",
        )
        yield when(
            self.key.startswith("OPTIONS ") and self.auth != "none",
            f"auth of {self.key} is {self.auth!r}: allowed is 'none', preflight requests have no "
            "token",
        )
        if self.function is not None:
            timeout = self.function.args.size.timeout_seconds
            yield when(
                timeout >= LONGEST_TIMEOUT_SECONDS,
                f"timeout_seconds of {self.function.name} is {timeout}: allowed behind an HTTP "
                f"API is under {LONGEST_TIMEOUT_SECONDS}, or its answer comes too late",
            )

    @property
    def catches_preflight(self) -> bool:
        """Whether a preflight request would be authorised here."""
        return self.auth != "none" and (self.key == DEFAULT or self.key.startswith("ANY "))

    @property
    def slug(self) -> str:
        """The route's part of its children's names."""
        return slug(self.key)

    @property
    def target(self) -> str:
        """The part of its integration's name: routes of one function share one."""
        return self.function.name if self.function else self.slug

    def source_arn(self, execution_arn: pulumi.Output[str]) -> pulumi.Output[str]:
        """Return what API Gateway sends as the source of its calls: any stage, this route."""
        if self.key == DEFAULT:
            return execution_arn.apply(lambda arn: f"{arn}/*/{DEFAULT}")
        method, path = self.key.replace("ANY ", "* ").split(" ")
        path = re.sub(r"{[^}]*}", "*", path)
        return execution_arn.apply(lambda arn: f"{arn}/*/{method}{path}")
