from types import ModuleType

import pytest

from tests.lambdas.builders import CONTEXT, http_event, problem


@pytest.mark.parametrize(
    "path",
    ["/", "/order", "/orders/", "/orders/1/lines", "/Orders", "/reviews/1", "/reviews/1/eat"],
)
def test_an_unknown_path_is_not_found(routes: ModuleType, path: str) -> None:
    event = http_event("GET", path, customer=None)
    problem(routes.not_found(event, CONTEXT), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/orders", "GET, POST"),
        ("PUT", "/orders/1", "GET"),
        ("POST", "/orders/1", "GET"),
        ("POST", "/reviews", "GET"),
        ("GET", "/reviews/1/approve", "POST"),
        ("DELETE", "/reviews/1/reject", "POST"),
    ],
)
def test_a_known_path_says_which_methods_it_has(
    routes: ModuleType, method: str, path: str, allowed: str
) -> None:
    answer = routes.not_found(http_event(method, path, customer=None), CONTEXT)
    problem(answer, 405, "method-not-allowed")
    assert answer["headers"]["allow"] == allowed


def test_the_name_of_a_stage_is_no_part_of_the_path(routes: ModuleType) -> None:
    event = http_event("DELETE", "/dev/orders", customer=None)
    event["requestContext"]["stage"] = "dev"
    problem(routes.not_found(event, CONTEXT), 405, "method-not-allowed")
