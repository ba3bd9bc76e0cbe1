"""Errors that a client is told about, as RFC 9457 problem documents."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from pydantic import ValidationError

# Enough to mend a body, and an answer that stays small.
MOST_MISTAKES = 20
MISTAKE_CHARACTERS = 200


class ProblemError(Exception):
    """A refusal with a stable name; `members` are added to its document."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    name: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Internal error"

    def __init__(
        self, detail: str, *, headers: Mapping[str, str] | None = None, **members: object
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}
        self.members = members

    def response(self, request_id: str) -> dict[str, Any]:
        """Return the problem as an answer of an HTTP API."""
        document = {
            "type": f"urn:problem-type:{self.name}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.members,
            "request_id": request_id,
        }
        headers = {"content-type": "application/problem+json", "cache-control": "no-store"}
        return {
            "statusCode": int(self.status),
            "headers": {**headers, **self.headers},
            "body": json.dumps(document),
        }


class BadRequestError(ProblemError):
    """A request that cannot be understood."""

    status = HTTPStatus.BAD_REQUEST
    name = "bad-request"
    title = "Bad request"


class NotSignedInError(ProblemError):
    """A request without a customer."""

    status = HTTPStatus.UNAUTHORIZED
    name = "not-signed-in"
    title = "Not signed in"


class ForbiddenError(ProblemError):
    """A request that only others may make."""

    status = HTTPStatus.FORBIDDEN
    name = "forbidden"
    title = "Forbidden"


class NotFoundError(ProblemError):
    """A path that leads nowhere."""

    status = HTTPStatus.NOT_FOUND
    name = "not-found"
    title = "Not found"


class MethodNotAllowedError(ProblemError):
    """A method that a path does not have."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    name = "method-not-allowed"
    title = "Method not allowed"


class BodyTooLargeError(ProblemError):
    """A body over the limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    name = "body-too-large"
    title = "Body too large"


class UnsupportedMediaTypeError(ProblemError):
    """A body that does not say that it is JSON."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    name = "unsupported-media-type"
    title = "Unsupported media type"


class InvalidBodyError(ProblemError):
    """A body of JSON with mistakes, each named in `errors`."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    name = "invalid-body"
    title = "Invalid body"


class BusyError(ProblemError):
    """A request that can be repeated in a moment."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    name = "busy"
    title = "Busy"


def of_validation(error: ValidationError) -> ProblemError:
    """Return the problem of a body that is no JSON, or has mistakes."""
    if error.errors()[0]["type"] == "json_invalid":
        return BadRequestError("the body is not valid JSON")
    return InvalidBodyError("the body has mistakes", errors=mistakes(error))


def mistakes(error: ValidationError) -> list[dict[str, str]]:
    """List what is wrong and where, without any value that was given."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [
        {
            "field": ".".join(map(str, each["loc"]))[:MISTAKE_CHARACTERS],
            "problem": each["msg"][:MISTAKE_CHARACTERS],
        }
        for each in found[:MOST_MISTAKES]
    ]


def in_words(error: ValidationError) -> str:
    """Return the same in a line."""
    return "; ".join(f"{each['field']}: {each['problem']}" for each in mistakes(error))
