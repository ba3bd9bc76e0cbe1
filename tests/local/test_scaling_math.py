"""What alarms compute, and which capacity a step asks for."""

from typing import Any

import pytest

from local.emulator.alarm_math import value
from local.emulator.scaling_steps import Steps, adjusted

METRICS = {"visible": 6.0, "hidden": 2.0, "running": 4.0, "none": 0.0, "missing": None}


def computed(expression: str) -> float | None:
    metrics = [{"Id": name, "MetricStat": {"of": name}, "ReturnData": False} for name in METRICS]
    query = {"Id": "result", "Expression": expression}
    half = {"Id": "half", "Expression": "running / 2", "ReturnData": False}
    return value([*metrics, half, query], lambda stat: METRICS[stat["of"]])


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("visible + hidden", 8),
        ("(visible + hidden) / running", 2),
        ("visible - hidden * 2", 2),
        ("hidden ^ 3", 8),
        ("visible / none", None),
        ("visible + missing", None),
        ("FILL(missing, 0) + visible", 6),
        ("FILL(visible, 0)", 6),
        ("IF(none == 0, visible, visible / none)", 6),
        ("IF(running > 4, visible)", None),
        ("IF(running > 4 OR hidden < 3, 1, 0)", 1),
        ("IF(running > 4 && hidden < 3, 1, 0)", 0),
        ("MAX([none, 1])", 1),
        ("MIN(visible, hidden)", 2),
        ("CEIL(visible / running) + FLOOR(visible / running)", 3),
        ("SUM([visible, hidden]) + AVG([visible, hidden]) + ABS(-1)", 13),
        ("half + 1", 3),
        ("visible", 6),
    ],
)
def test_metric_math(expression: str, result: float | None) -> None:
    assert computed(expression) == result


@pytest.mark.parametrize("expression", ["RATE(visible)", "visible +", "other"])
def test_other_expressions_are_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="is not evaluated here"):
        computed(expression)


def steps(kind: str, *given: tuple[float | None, float | None, int], **more: Any) -> Any:
    bounds = ("MetricIntervalLowerBound", "MetricIntervalUpperBound", "ScalingAdjustment")
    return {
        "AdjustmentType": kind,
        "StepAdjustments": [
            {key: each for key, each in zip(bounds, step, strict=True) if each is not None}
            for step in given
        ],
        **more,
    }


@pytest.mark.parametrize(
    ("breach", "wanted"), [(-1, 3), (0, 4), (9.9, 4), (10, 5), (99, 5), (100, 3)]
)
def test_a_step_out_begins_at_its_lower_bound(breach: float, wanted: int) -> None:
    assert adjusted(steps("ChangeInCapacity", (0, 10, 1), (10, 100, 2)), 3, breach) == wanted


@pytest.mark.parametrize(("breach", "wanted"), [(0, 2), (-9.9, 2), (-10, 1), (-99, 1), (1, 3)])
def test_a_step_in_begins_at_its_upper_bound(breach: float, wanted: int) -> None:
    assert adjusted(steps("ChangeInCapacity", (-10, 0, -1), (None, -10, -2)), 3, breach) == wanted


@pytest.mark.parametrize(
    ("capacity", "percent", "least", "wanted"),
    [
        (10, 25, 0, 12),
        (10, 5, 0, 11),
        (10, -25, 0, 8),
        (10, -5, 0, 9),
        (10, 5, 3, 13),
        (1, -200, 0, 0),
    ],
)
def test_percentages_are_rounded(capacity: int, percent: int, least: int, wanted: int) -> None:
    policy = steps("PercentChangeInCapacity", (0, None, percent), MinAdjustmentMagnitude=least)
    assert adjusted(policy, capacity, 1) == wanted


def test_an_exact_capacity_is_what_it_says() -> None:
    assert adjusted(steps("ExactCapacity", (None, 0, 0)), 7, 0) == 0


def test_while_a_step_out_cools_down_only_a_larger_one_adds() -> None:
    policy, taken = steps("ChangeInCapacity", (0, 10, 1), (10, None, 4), Cooldown=300), Steps()
    assert taken.wanted(policy, 2, 1) == 3
    taken.taken(policy, 2, 3)
    assert taken.wanted(policy, 3, 1) == 3
    assert taken.wanted(policy, 3, 20) == 6
    taken.taken(policy, 3, 6)
    assert taken.wanted(policy, 6, 20) == 6


def test_nothing_is_scaled_in_while_a_step_cools_down() -> None:
    out = steps("ChangeInCapacity", (0, None, 2), Cooldown=300)
    into = steps("ExactCapacity", (None, 0, 0), Cooldown=300)
    taken = Steps()
    taken.taken(out, 0, 2)
    assert taken.wanted(into, 2, 0) == 2
    assert Steps().wanted(into, 2, 0) == 0


def test_a_step_in_does_not_hold_up_a_step_out() -> None:
    out = steps("ChangeInCapacity", (0, None, 2), Cooldown=300)
    taken = Steps()
    taken.taken(steps("ExactCapacity", (None, 0, 0), Cooldown=300), 2, 0)
    assert taken.wanted(out, 0, 1) == 2
