"""The two services that are compared are the same."""

from bench import figures, service
from bench.figures import Figure
from tests.recording import Deployment, deploy


def made(deployment: Deployment) -> dict[str, object]:
    return {
        f"{each.type} {each.name}": each.inputs for each in deployment.resources if each.custom
    }


def test_the_plain_service_makes_the_resources_of_the_components() -> None:
    with_components = made(deploy(lambda: service.with_components(1)))
    assert made(deploy(lambda: service.plainly(1))) == with_components
    assert len(with_components) == 15


def test_measures_are_taken_in_turns_and_the_least_counts() -> None:
    order: list[str] = []
    values = {"a": [3.0, 1.0], "b": [2.0, 4.0]}

    def measure(name: str) -> float:
        order.append(name)
        return values[name].pop(0)

    least = figures.in_turns(2, a=lambda: measure("a"), b=lambda: measure("b"))
    assert order == ["a", "b", "a", "b"]
    assert least == {"a": 1.0, "b": 2.0}


def test_a_promise_holds_up_to_its_figure() -> None:
    assert Figure(name="f", value=1.25, most=1.25).kept
    assert not Figure(name="f", value=1.26, most=1.25).kept
    assert Figure(name="f", value=9.0).kept
