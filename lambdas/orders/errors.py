"""What orders refuses."""

from http import HTTPStatus

from shared.problems import ProblemError


class InvalidIdempotencyKeyError(ProblemError):
    """An order without a key that makes it safe to repeat."""

    status = HTTPStatus.BAD_REQUEST
    name = "invalid-idempotency-key"
    title = "Invalid idempotency key"


class IdempotencyKeyReusedError(ProblemError):
    """A key that already stands for another order."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    name = "idempotency-key-reused"
    title = "Idempotency key reused with another body"


class OrderNotFoundError(ProblemError):
    """An order that the customer does not have."""

    status = HTTPStatus.NOT_FOUND
    name = "order-not-found"
    title = "Order not found"
