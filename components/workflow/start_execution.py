"""The step that starts another workflow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.core.checks import when
from components.core.links import Grant
from components.workflow.expressions import Json
from components.workflow.rights import FOLLOW, hear_by
from components.workflow.task import Task
from components.workflow.workflow import Workflow

# The rule by which Step Functions hears of the end of what it started:
# https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"


@dataclass(frozen=True, kw_only=True)
class StartExecution(Task):
    """A start of another workflow, by default with the state's input.

    With `wait_for_end` the answer is the execution's: `$states.result.Output`. An
    `execution_name` is taken once: a second start with it is refused, or the first one's answer.
    """

    workflow: Workflow
    input: Json = None
    execution_name: str | None = None
    wait_for_end: bool = False

    def mistakes(self) -> Iterator[str | None]:
        yield from super().mistakes()
        yield when(
            self.wait_for_end and self.wait_for_task_token,
            "wait_for_end and wait_for_task_token are True: allowed is one of them",
        )
        yield when(
            self.wait_for_end and self.workflow.args.express,
            f"wait_for_end is True for {self.workflow.name}, an EXPRESS workflow: allowed is a "
            "STANDARD one",
        )

    def integration(self) -> str:
        return "states:startExecution" + (".sync:2" if self.wait_for_end else "")

    def arguments(self) -> Mapping[str, Any]:
        name = {"Name": self.execution_name} if self.execution_name is not None else {}
        given = "{% $states.input %}" if self.input is None else self.input
        return {"StateMachineArn": self.workflow.target.arn, **name, "Input": given}

    def grants(self) -> tuple[Grant, ...]:
        start = self.workflow.destination_grants()
        if not self.wait_for_end:
            return start
        place = self.workflow.machine.arn.apply(lambda arn: arn.split(":"))
        executions = place.apply(lambda parts: ":".join([*parts[:5], "execution", parts[6], "*"]))
        follow = Grant(actions=FOLLOW, resources=(executions,))
        return (*start, follow, hear_by(RULE, self.workflow.machine.arn))

    def not_in_express(self) -> str | None:
        return "wait_for_end" if self.wait_for_end else super().not_in_express()
