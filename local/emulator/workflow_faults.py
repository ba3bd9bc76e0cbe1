"""Faults of the calls that workflows make to other services by themselves; see local/chaos.

They are no requests, so that the proxy of faults cannot befall them. Only `make chaos` has them.
"""

from pathlib import Path
from typing import Any

from local.runtime.faults import THROTTLED, UNHEARD, Faults, decide

NAME = "workflow"
# As the service's part of an error's name is written.
SERVICES = {"dynamodb": "DynamoDB", "sqs": "SQS"}


def befall(states: Any, folder: Path) -> None:
    """Let a workflow's call be refused, or fail after it was done, while faults are on."""
    invoke, faults = states._invoke_resource, Faults(folder, NAME)  # noqa: SLF001

    def invoke_resource(resource: str, request: Any) -> Any:
        service = next((SERVICES[each] for each in SERVICES if f":{each}:" in resource), None)
        plan = faults.plan() if service else None
        if plan is None:
            return invoke(resource, request)
        number = faults.count()
        fault = decide(plan["seed"], plan["workflow_rates"], NAME, number)
        faults.note(number, fault)
        if fault == THROTTLED:
            raise states._ExecutionError(f"{service}.ThrottlingException", "slow down")  # noqa: SLF001
        answer = invoke(resource, request)
        if fault == UNHEARD:
            # It was done: the state tries again what it has done before.
            raise states._ExecutionError(f"{service}.SdkClientException", "no answer")  # noqa: SLF001
        return answer

    states._invoke_resource = invoke_resource  # noqa: SLF001
