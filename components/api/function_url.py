"""An address of one function's own, without an API in front of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.compute.function import Function
from components.core.checks import check, check_fields, matches, one_of, when
from components.core.links import Grant, Link
from components.core.names import check_name, variable

# Since October 2025 a caller needs both, and the second for invocations by the URL only:
# https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
BY_URL = "lambda:InvokeFunctionUrl"
INVOKE = "lambda:InvokeFunction"
METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT", "*")


@dataclass(frozen=True, kw_only=True)
class UrlCors:
    """Which web pages may call the URL; Lambda answers preflight requests by itself."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    origins: Sequence[str]
    methods: Sequence[str] = ("GET", "POST")
    headers: Sequence[str] = (
        "authorization",
        "content-type",
        "x-amz-date",
        "x-amz-security-token",
    )
    exposed_headers: Sequence[str] = ()
    credentials: bool = False
    # https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html
    max_age_seconds: Annotated[int, Interval(ge=0, le=86_400)] = 3_600

    def __post_init__(self) -> None:
        check_fields(self)
        check(*self._mistakes())

    def _mistakes(self) -> Iterator[str | None]:
        most = {"origins": 100, "methods": 6, "headers": 100, "exposed_headers": 100}
        for name, limit in most.items():
            given = len(getattr(self, name))
            yield when(given > limit, f"{name} has {given} entries: allowed is {limit}")
        for method in self.methods:
            yield one_of("method", method, METHODS)
        for origin in self.origins:
            yield matches("origin", origin, "(?s).{1,253}", "1 to 253 characters")
        for header in (*self.headers, *self.exposed_headers):
            yield matches("header", header, "(?s).{0,1024}", "up to 1,024 characters")
        yield when(
            self.credentials and "*" in self.origins,
            "origins has '*' with credentials: allowed is the origins by their names",
        )


@dataclass(frozen=True, kw_only=True)
class FunctionUrlArgs:
    """Settings of a FunctionUrl.

    Callers sign their requests (IAM); those of this account need a role that `caller()` was given
    to, and `caller_accounts` let theirs in as well. With `RESPONSE_STREAM`, up to 200 MB leave as
    they are written instead of 6 MB at the end: Lambda's own runtime for Python cannot do that, so
    it takes a function of a container image whose runtime client, or web adapter, does.
    """

    function: Function
    caller_accounts: Sequence[str] = ()
    invoke_mode: Literal["BUFFERED", "RESPONSE_STREAM"] = "BUFFERED"
    cors: UrlCors | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            *(
                matches("caller account", each, r"\d{12}", "12 digits")
                for each in self.caller_accounts
            ),
            when(
                self.invoke_mode == "RESPONSE_STREAM" and self.function.args.image is None,
                f"invoke_mode is 'RESPONSE_STREAM' for {self.function.name}, which runs on "
                "Lambda's runtime for Python: allowed is 'BUFFERED', or a function of an image",
            ),
        )


class FunctionUrl(pulumi.ComponentResource):
    """A URL of a function's alias, for callers that IAM knows."""

    url: pulumi.Output[str]

    def __init__(
        self, name: str, args: FunctionUrlArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_name(name)
        super().__init__("toolkit:api:FunctionUrl", name, {}, opts)
        self.name = name
        self.args = args
        target, cors = args.function.target, args.cors
        url = aws.lambda_.FunctionUrl(
            f"{name}-url",
            function_name=target.function_name,
            qualifier=target.name,
            authorization_type="AWS_IAM",
            invoke_mode=args.invoke_mode,
            cors=aws.lambda_.FunctionUrlCorsArgs(
                allow_origins=list(cors.origins),
                allow_methods=list(cors.methods),
                allow_headers=list(cors.headers),
                expose_headers=list(cors.exposed_headers),
                allow_credentials=cors.credentials,
                max_age=cors.max_age_seconds,
            )
            if cors
            else None,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for account in args.caller_accounts:
            self._permit(account)
        args.function.warn_if_synchronous(f"function URL {name}")
        self.url = url.function_url
        self.register_outputs({"url": self.url})

    def caller(self) -> Link:
        """Let a function call the URL, and the function by nothing else; `<NAME>_URL` is it."""
        target = self.args.function.target.arn
        iam = {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}
        by_url = {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
        return Link(
            grants=(
                Grant(actions=(BY_URL,), resources=(target,), conditions=iam),
                Grant(actions=(INVOKE,), resources=(target,), conditions=by_url),
            ),
            environment={variable(self.name, "URL"): self.url},
        )

    def _permit(self, account: str) -> None:
        target = self.args.function.target
        for kind, action in (("url", BY_URL), ("invoke", INVOKE)):
            aws.lambda_.Permission(
                f"{self.name}-{account}-{kind}",
                action=action,
                function=target.function_name,
                qualifier=target.name,
                principal=account,
                function_url_auth_type="AWS_IAM" if action == BY_URL else None,
                invoked_via_function_url=True if action == INVOKE else None,
                opts=pulumi.ResourceOptions(parent=self),
            )
