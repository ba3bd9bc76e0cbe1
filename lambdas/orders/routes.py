"""The `$default` route: what no other route takes."""

import re

from shared.http import Request, Response, endpoint
from shared.problems import MethodNotAllowedError, NotFoundError

ALLOWED = {
    re.compile(r"/orders"): "GET, POST",
    re.compile(r"/orders/[^/]+"): "GET",
    re.compile(r"/reviews"): "GET",
    re.compile(r"/reviews/[^/]+/(approve|reject)"): "POST",
}


@endpoint
def not_found(request: Request) -> Response:
    """Say that a path is unknown, or which methods it has."""
    for path, methods in ALLOWED.items():
        if path.fullmatch(request.path):
            headers = {"allow": methods}
            raise MethodNotAllowedError(f"this path has {methods}", headers=headers)
    raise NotFoundError("this path is unknown")
