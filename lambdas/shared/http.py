"""Endpoints of an HTTP API (payload format 2.0)."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError

from shared.observability import Handler, count, entry_point, logger
from shared.problems import (
    BadRequestError,
    BodyTooLargeError,
    ForbiddenError,
    NotSignedInError,
    ProblemError,
    UnsupportedMediaTypeError,
    of_validation,
)

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

MOST_BODY_BYTES = 64 * 1024
Model = TypeVar("Model", bound=BaseModel)
Response: TypeAlias = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What an endpoint needs of an event; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    path_parameters: Mapping[str, str]
    query: Mapping[str, str]
    claims: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Self:
        """Read an event of an HTTP API."""
        context = event["requestContext"]
        authorizer = context.get("authorizer") or {}
        return cls(
            method=context["http"]["method"],
            # A stage with a name stands before the path.
            path=event["rawPath"].removeprefix(f"/{context['stage']}"),
            headers={name.lower(): value for name, value in event["headers"].items()},
            path_parameters=event.get("pathParameters") or {},
            query=event.get("queryStringParameters") or {},
            claims=authorizer.get("jwt", {}).get("claims", {}),
            body=_body(event),
        )

    @property
    def customer_id(self) -> str:
        """The customer who signed in."""
        try:
            return self.claims["sub"]
        except KeyError:
            challenge = {"www-authenticate": "Bearer"}
            raise NotSignedInError("no customer signed in", headers=challenge) from None

    def check_group(self, group: str) -> None:
        """Let only those pass whom the user pool has in a group.

        Raises:
            ProblemError: for others, and when nobody signed in.
        """
        if group not in _names(self.claims.get("cognito:groups", "")):
            who = self.customer_id
            logger.info("not in the group", extra={"customer_id": who, "group": group})
            raise ForbiddenError(f"only the group {group} may do this")

    def read(self, model: type[Model]) -> Model:
        """Read the body.

        Raises:
            ProblemError: for a body that is not JSON, is over 64 KiB, or has mistakes.
        """
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise UnsupportedMediaTypeError("content-type must be application/json")
        if len(self.body) > MOST_BODY_BYTES:
            raise BodyTooLargeError(f"the body must have at most {MOST_BODY_BYTES:,} bytes")
        try:
            return model.model_validate_json(self.body)
        except ValidationError as error:
            raise of_validation(error) from None


def _names(claim: object) -> list[str]:
    """Return the names in a claim that is a list, which an HTTP API writes as `[a b]`."""
    if isinstance(claim, str):
        try:
            claim = json.loads(claim)
        except ValueError:
            claim = str(claim).removeprefix("[").removesuffix("]").split()
    return [str(name) for name in claim] if isinstance(claim, list) else []


def _body(event: Mapping[str, Any]) -> bytes:
    text: str = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return text.encode(errors="surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise BadRequestError("the body is not valid base64") from None


def answer(status: HTTPStatus, body: str, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON, which no cache may keep."""
    standard = {"content-type": "application/json", "cache-control": "no-store"}
    return {
        "statusCode": int(status),
        "headers": {**standard, **(headers or {})},
        "body": body,
    }


def endpoint(handle: Callable[[Request], Response]) -> Handler:
    """Give a handler a typed request, and its client a problem document for each failure."""

    @entry_point
    @wraps(handle)
    def handler(event: Mapping[str, Any], context: "LambdaContext") -> Response:
        try:
            return handle(Request.of(event))
        except ProblemError as error:
            problem = error
        except Exception:  # noqa: BLE001 - the last line before the client, and it is logged
            logger.exception("unexpected error")
            count("UnexpectedErrors")
            problem = ProblemError("the request failed for a reason of ours")
        logger.info("refused", extra={"problem": problem.name, "detail": problem.detail})
        return problem.response(context.aws_request_id)

    return handler
