"""How a function's alias moves to a new version."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, Protocol

import pulumi
import pulumi_aws as aws
from annotated_types import Interval

from components.core.checks import check, check_fields, when
from components.core.links import Grant

# Between the first shift of traffic and the last; a hook may take an hour more.
# https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html
MOST_MINUTES = 2_880
# Of the API (API_AlarmConfiguration), with that of errors; an account's quota may be higher.
MOST_ALARMS = 10 - 1
# https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
PREDEFINED = {
    ("canary", 10, 5): "LambdaCanary10Percent5Minutes",
    ("canary", 10, 10): "LambdaCanary10Percent10Minutes",
    ("canary", 10, 15): "LambdaCanary10Percent15Minutes",
    ("canary", 10, 30): "LambdaCanary10Percent30Minutes",
    ("linear", 10, 1): "LambdaLinear10PercentEvery1Minute",
    ("linear", 10, 2): "LambdaLinear10PercentEvery2Minutes",
    ("linear", 10, 3): "LambdaLinear10PercentEvery3Minutes",
    ("linear", 10, 10): "LambdaLinear10PercentEvery10Minutes",
}
ALL_AT_ONCE = "LambdaAllAtOnce"


@dataclass(frozen=True, kw_only=True)
class TrafficShift:
    """The steps in which traffic moves to a new version.

    `canary` moves `percent` of it, and after `minutes` the rest; `linear` moves `percent` every
    `minutes`; `all_at_once`, with the hooks and alarms of the release, takes no notice of either.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    kind: Literal["canary", "linear", "all_at_once"] = "canary"
    percent: Annotated[int, Interval(ge=1, le=99)] = 10
    minutes: Annotated[int, Interval(ge=1, le=MOST_MINUTES)] = 5

    def __post_init__(self) -> None:
        check_fields(self)
        check(
            when(
                self.total_minutes > MOST_MINUTES,
                f"minutes is {self.minutes:,} with percent of {self.percent}, "
                f"{self.total_minutes:,} together: allowed is {MOST_MINUTES:,}",
            )
        )

    @property
    def total_minutes(self) -> int:
        """How long it takes from the first step to the last."""
        if self.kind == "all_at_once":
            return 0
        return self.minutes if self.kind == "canary" else 99 // self.percent * self.minutes

    @property
    def predefined(self) -> str | None:
        """The name of AWS's own configuration for it, where there is one."""
        if self.kind == "all_at_once":
            name: str | None = ALL_AT_ONCE
        else:
            name = PREDEFINED.get((self.kind, self.percent, self.minutes))
        return name and f"CodeDeployDefault.{name}"


class Alarm(Protocol):
    """An alarm of CloudWatch on a metric."""

    @property
    def name(self) -> pulumi.Output[str]:
        """By which CodeDeploy asks for its state."""

    @property
    def arn(self) -> pulumi.Output[str]:
        """By which IAM lets it ask."""


class Validator(Protocol):
    """A function that tells CodeDeploy whether a release may go on."""

    name: str
    function: aws.lambda_.Function

    def grant(self, kind: str, *grants: Grant) -> aws.iam.RolePolicy:
        """Give the function's role one more inline policy."""

    def hook_mistake(self) -> str | None:
        """Return why CodeDeploy cannot invoke it, if it cannot."""


@dataclass(frozen=True, kw_only=True)
class ReleaseSettings:
    """What moves the alias to a new version, and what moves it back.

    `errors_per_minute` of the alias, an alarm, or a hook that says `Failed` or nothing for an hour
    roll the release back. `before_traffic` is asked before the first step, `after_traffic` after
    the last.
    """

    shift: TrafficShift = field(default_factory=TrafficShift)
    errors_per_minute: Annotated[int, Interval(ge=1, le=1_000_000)] = 1
    alarms: Sequence[Alarm] = ()
    before_traffic: Validator | None = None
    after_traffic: Validator | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(*self._mistakes())

    def hooks(self) -> dict[str, Validator]:
        """Return the hooks by their events."""
        found = {
            "BeforeAllowTraffic": self.before_traffic,
            "AfterAllowTraffic": self.after_traffic,
        }
        return {event: hook for event, hook in found.items() if hook is not None}

    def validators(self) -> list[Validator]:
        """Return the hooks, each once: one may be asked before and after."""
        return list({hook.name: hook for hook in self.hooks().values()}.values())

    def _mistakes(self) -> Iterator[str | None]:
        yield when(
            len(self.alarms) > MOST_ALARMS,
            f"alarms has {len(self.alarms)} entries: allowed is {MOST_ALARMS}",
        )
        for hook in self.validators():
            yield hook.hook_mistake()
