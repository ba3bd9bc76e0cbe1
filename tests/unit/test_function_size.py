from typing import Any

import pytest

from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize, WarmPeriod
from components.core.checks import ArgumentsError
from tests.contracts.examples.base import CODE, HANDLER
from tests.recording import Deployment, deploy

DAY = WarmPeriod(name="day", cron="0 8 ? * MON-FRI *", minimum=5, maximum=20)


def deployed(**size: Any) -> Deployment:
    args = FunctionArgs(code=CODE, handler=HANDLER, size=FunctionSize(**size))
    return deploy(lambda: Function("work", args))


def test_a_fixed_number_of_warm_environments_is_the_programs() -> None:
    deployment = deployed(provisioned_concurrency=3)
    config = deployment.one("ProvisionedConcurrencyConfig")
    assert config.inputs["provisionedConcurrentExecutions"] == 3
    assert config.ignore_changes == []
    assert not deployment.all("appautoscaling/target:Target")


def test_a_number_that_follows_use_is_left_alone_by_an_up() -> None:
    deployment = deployed(
        provisioned_concurrency=3,
        max_provisioned_concurrency=9,
        provisioned_utilization_percent=60,
    )
    config = deployment.one("ProvisionedConcurrencyConfig")
    assert config.ignore_changes == ["provisionedConcurrentExecutions"]
    target = deployment.inputs("appautoscaling/target:Target")
    assert (target["minCapacity"], target["maxCapacity"]) == (3, 9)
    assert target["resourceId"] == "function:work-function-1234567:live"
    policy = deployment.inputs("appautoscaling/policy:Policy")
    tracking = policy["targetTrackingScalingPolicyConfiguration"]
    assert tracking["targetValue"] == 0.6
    metric = tracking["predefinedMetricSpecification"]["predefinedMetricType"]
    assert metric == "LambdaProvisionedConcurrencyUtilization"


def test_the_clock_moves_the_bounds() -> None:
    deployment = deployed(
        provisioned_concurrency=3, max_provisioned_concurrency=9, warm_periods=(DAY,)
    )
    action = deployment.inputs("scheduledAction:ScheduledAction", "work-day-warm")
    assert action["schedule"] == "cron(0 8 ? * MON-FRI *)"
    assert action["timezone"] == "UTC"
    assert action["scalableTargetAction"] == {"minCapacity": 5, "maxCapacity": 20}


def test_snap_start_is_for_published_versions() -> None:
    inputs = deployed(snap_start=True).inputs("function:Function")
    assert inputs["snapStart"] == {"applyOn": "PublishedVersions"}


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (
            {"reserved_concurrency": 2, "provisioned_concurrency": 3},
            "provisioned_concurrency is up to 3: allowed is up to the reserved_concurrency of 2",
        ),
        (
            {
                "reserved_concurrency": 19,
                "provisioned_concurrency": 1,
                "max_provisioned_concurrency": 9,
                "warm_periods": (DAY,),
            },
            "provisioned_concurrency is up to 20",
        ),
        (
            {"max_provisioned_concurrency": 3},
            "max_provisioned_concurrency is 3: allowed is the provisioned_concurrency",
        ),
        (
            {"provisioned_concurrency": 4, "max_provisioned_concurrency": 3},
            "max_provisioned_concurrency is 3: allowed is the provisioned_concurrency",
        ),
        (
            {"provisioned_concurrency": 4, "warm_periods": (DAY,)},
            "warm_periods are given without max_provisioned_concurrency",
        ),
        (
            {"snap_start": True, "provisioned_concurrency": 1},
            "provisioned_concurrency is 1 with snap_start",
        ),
        (
            {"snap_start": True, "ephemeral_storage_mb": 513},
            "ephemeral_storage_mb is 513 with snap_start: allowed is 512",
        ),
    ],
)
def test_sizes_that_lambda_refuses_are_refused_before(size: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        FunctionSize(**size)
    assert message in str(caught.value)


def test_the_limits_between_fields_are_allowed() -> None:
    FunctionSize(reserved_concurrency=2, provisioned_concurrency=2, max_provisioned_concurrency=2)
    FunctionSize(snap_start=True, ephemeral_storage_mb=512)


@pytest.mark.parametrize(
    ("period", "message"),
    [
        ({"name": "Day"}, "name is 'Day': allowed is 1 to 20 letters"),
        ({"cron": "0 8 * * *"}, "cron is '0 8 * * *': allowed is six fields"),
        ({"cron": "0 25 ? * * *"}, "hours is '25': allowed is"),
        ({"timezone": "Europe/Berlim"}, "timezone is 'Europe/Berlim': allowed is a name of the"),
        ({"minimum": 21}, "maximum is 20: allowed is the minimum of 21 or more"),
    ],
)
def test_a_period_that_cannot_be_is_refused(period: dict[str, Any], message: str) -> None:
    given = {"name": "day", "cron": "0 8 ? * MON-FRI *", "minimum": 5, "maximum": 20}
    with pytest.raises(ArgumentsError) as caught:
        WarmPeriod(**{**given, **period})
    assert message in str(caught.value)
