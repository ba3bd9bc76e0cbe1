"""The settings of a workflow."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Interval

from components.core.checks import between, check, check_fields, when
from components.core.encryption_key import EncryptionKey
from components.core.links import Link
from components.core.logs import LogSettings
from components.workflow.definition import definition
from components.workflow.graph import everywhere, graph_mistakes
from components.workflow.state import State

# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
LARGEST_DEFINITION = 1_048_576
EXPRESS_SECONDS = 300
LogLevel = Literal["ALL", "ERROR", "FATAL", "OFF"]


@dataclass(frozen=True, kw_only=True)
class WorkflowArgs:
    """Settings of a Workflow.

    An execution begins with the first of the `states`. STANDARD ones may take a year, happen once
    and keep their history for 90 days; EXPRESS ones take five minutes at most, may happen twice,
    and are known by their logs only. So the `log_level` of STANDARD is ERROR, without the data of
    executions, and that of EXPRESS is ALL, with them, unless given. `links` are grants besides
    those that the states ask for themselves.
    """

    states: Sequence[State]
    type: Literal["STANDARD", "EXPRESS"] = "STANDARD"
    comment: str | None = None
    # https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
    timeout_seconds: Annotated[int, Interval(ge=1, le=31_536_000)] | None = None
    links: Sequence[Link] = ()
    logs: LogSettings = field(default_factory=LogSettings)
    log_level: LogLevel | None = None
    log_execution_data: bool | None = None
    tracing: bool = True
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        check(*graph_mistakes(self.states), *self._express_mistakes())
        size = len(json.dumps(definition(self.states), default=lambda _: ""))
        check(between("bytes of the definition", size, 1, LARGEST_DEFINITION))

    @property
    def express(self) -> bool:
        """Whether executions are short, and have no history."""
        return self.type == "EXPRESS"

    def logging(self) -> dict[str, Any]:
        """Return how much is logged."""
        data = self.express if self.log_execution_data is None else self.log_execution_data
        return {
            "level": self.log_level or ("ALL" if self.express else "ERROR"),
            "include_execution_data": data,
        }

    def _express_mistakes(self) -> Iterator[str | None]:
        if not self.express:
            return
        timeout = self.timeout_seconds
        yield when(
            timeout is not None and timeout > EXPRESS_SECONDS,
            f"timeout_seconds is {timeout} for EXPRESS: allowed is 1 to {EXPRESS_SECONDS}",
        )
        for state in everywhere(self.states):
            waits = state.waits()
            yield when(
                waits is not None,
                f"{state.name}: {waits} is given in an EXPRESS workflow: allowed is in a STANDARD "
                "one",
            )
