"""The settings of a workflow."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pulumi
from annotated_types import Interval

from components.core.checks import between, check, check_fields, when
from components.core.encryption_key import EncryptionKey
from components.core.links import Link
from components.core.logs import LogSettings
from components.workflow import definition_file
from components.workflow.definition import definition
from components.workflow.graph import graph_mistakes
from components.workflow.state import State, everywhere
from components.workflow.variables import variable_mistakes

# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
LARGEST_DEFINITION = 1_048_576
# https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
EXPRESS_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class WorkflowArgs:
    """Settings of a Workflow.

    An execution begins with the first of the `states`. Instead of them a `definition_file` may
    hold Amazon States Language; its `${Name}` are filled by `substitutions`, and its rights are
    the `links`, which add to what states ask for themselves.

    STANDARD executions may take a year, happen once, and keep a history; EXPRESS ones take five
    minutes at most, may happen twice, and are known by their logs only. So the `log_level` of
    STANDARD is ERROR, without the data of executions, and that of EXPRESS is ALL, with them.
    """

    states: Sequence[State] = ()
    definition_file: str | None = None
    substitutions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    type: Literal["STANDARD", "EXPRESS"] = "STANDARD"
    comment: str | None = None
    timeout_seconds: Annotated[int, Interval(ge=1, le=31_536_000)] | None = None
    links: Sequence[Link] = ()
    logs: LogSettings = field(default_factory=LogSettings)
    log_level: Literal["ALL", "ERROR", "FATAL", "OFF"] | None = None
    log_execution_data: bool | None = None
    tracing: bool = True
    key: EncryptionKey | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        timeout = self.timeout_seconds
        check(
            when(
                bool(self.states) == (self.definition_file is not None),
                f"states has {len(self.states)} entries and definition_file is "
                f"{self.definition_file!r}: allowed is one of them",
            ),
            when(
                bool(self.substitutions) and self.definition_file is None,
                "substitutions are given without definition_file: allowed is none",
            ),
            when(
                self.express and timeout is not None and timeout > EXPRESS_SECONDS,
                f"timeout_seconds is {timeout} for EXPRESS: allowed is 1 to {EXPRESS_SECONDS}",
            ),
        )
        check(*(self._file_mistakes() if self.definition_file else self._state_mistakes()))
        plain = self._file() if self.definition_file else definition(self.states)
        # What comes from resources is not known yet: names and ARNs, far from the limit.
        size = len(json.dumps(plain, default=lambda _: ""))
        check(between("bytes of the definition", size, 1, LARGEST_DEFINITION))

    @property
    def express(self) -> bool:
        """Whether executions are short, and have no history."""
        return self.type == "EXPRESS"

    def definition(self, partition: pulumi.Input[str]) -> dict[str, Any]:
        """Return the machine in Amazon States Language; its texts may be outputs."""
        if self.definition_file is None:
            return definition(self.states, partition, self.timeout_seconds, self.comment)
        over = {"TimeoutSeconds": self.timeout_seconds, "Comment": self.comment}
        given = {key: value for key, value in over.items() if value is not None}
        return {**definition_file.substituted(self._file(), self.substitutions), **given}

    def logging(self) -> dict[str, Any]:
        """Return how much is logged."""
        data = self.express if self.log_execution_data is None else self.log_execution_data
        return {
            "level": self.log_level or ("ALL" if self.express else "ERROR"),
            "include_execution_data": data,
        }

    def _file(self) -> dict[str, Any]:
        return definition_file.read(str(self.definition_file))

    def _file_mistakes(self) -> Iterator[str | None]:
        given = self.substitutions
        return definition_file.file_mistakes(self._file(), given, express=self.express)

    def _state_mistakes(self) -> Iterator[str | None]:
        yield from graph_mistakes(self.states)
        yield from variable_mistakes(self.states)
        for state in everywhere(self.states) if self.express else ():
            what = state.not_in_express()
            yield (
                what and f"{state.name}: {what} in an EXPRESS workflow: allowed is a STANDARD one"
            )
