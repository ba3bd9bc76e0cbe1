"""What reviews refuse."""

from http import HTTPStatus

from shared.problems import ProblemError


class ReviewNotFoundError(ProblemError):
    """An order that nobody asked to review."""

    status = HTTPStatus.NOT_FOUND
    name = "review-not-found"
    title = "Review not found"


class AlreadyDecidedError(ProblemError):
    """A review that ended otherwise: the first decision stands."""

    status = HTTPStatus.CONFLICT
    name = "already-decided"
    title = "Already decided"
