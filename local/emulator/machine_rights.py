"""Holds the emulator's state machines to the rights of their roles; see start.py.

The emulator makes their calls as its root user. Which action a task needs on which resource is
looked up here; of an `aws-sdk` task the action alone is compared, on whatever resource.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from local.emulator.roles import allows

OPTIMISED = "arn:aws:states:::"
TOKEN = ".waitForTaskToken"  # noqa: S105  the word of the Amazon States Language
# The rule by which Step Functions hears of the end of what it started.
RULE = "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
ERRORS = {
    "dynamodb": "DynamoDB",
    "events": "EventBridge",
    "lambda": "Lambda",
    "sns": "SNS",
    "sqs": "SQS",
    "states": "StepFunctions",
}
# What the SDK names otherwise than IAM.
SDK_PREFIXES = {"cloudwatchlogs": "logs", "eventbridge": "events", "sfn": "states"}
SDK_ACTIONS = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:CopyObject": "s3:PutObject",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
}
BY_ARN = {
    "lambda:invoke": ("lambda:InvokeFunction", "FunctionName"),
    "sns:publish": ("sns:Publish", "TopicArn"),
}
Needed = tuple[str, str]
machine: ContextVar[dict[str, Any]] = ContextVar("machine")
"""The machine whose execution runs."""
of_tokens: dict[str, str] = {}
"""The machine of each token, also of those whose task has ended."""


def keep_to_rights(states: Any, evaluator: Any) -> None:
    """Refuse the calls of tasks that the machine's role does not allow."""
    run, invoke = states._run_execution, states._invoke_resource

    def run_execution(arn: str) -> None:
        # One that waits for another runs it in its own thread.
        execution = states._executions[arn]
        before = machine.set(states._state_machines.get(execution["stateMachineArn"]))
        try:
            run(arn)
        finally:
            machine.reset(before)

    def invoke_resource(resource: str, request: Any) -> Any:
        kind = resource.removeprefix(OPTIMISED).removesuffix(TOKEN)
        check_rights(states, evaluator, _error(states, kind), _needed(kind, request))
        return invoke(resource, request)

    states._run_execution = run_execution
    states._invoke_resource = invoke_resource


def check_rights(
    states: Any,
    evaluator: Any,
    error: str,
    needed: Iterable[Needed],
    keys: Mapping[str, str] | None = None,
) -> None:
    """Fail with an error when the running machine's role lacks an action on a resource.

    `keys` are the condition keys of the request, in lower case.
    """
    for action, resource in needed:
        if not _allowed(evaluator, action, resource, keys):
            role = machine.get()["roleArn"]
            said = f"{role} is not authorized to perform: {action} on resource: {resource}"
            raise states._ExecutionError(error, said)


def name_machines_of_tokens(actions: Any) -> None:
    """Let IAM compare the answer for a token with the machine that the token is of."""
    original: Callable[..., str] = actions.extract_resource_arn

    def extract(service: str, method: str, path: str, headers: Any, body: Any, *rest: Any) -> str:
        if service == "states" and b"taskToken" in (body or b""):
            return of_tokens.get(json.loads(body).get("taskToken"), "*")
        return original(service, method, path, headers, body, *rest)

    actions.extract_resource_arn = extract


def _needed(kind: str, request: Any) -> Iterator[Needed]:
    service, _, action = kind.partition(":")
    if service == "aws-sdk":
        name, _, call = action.partition(":")
        whole = f"{SDK_PREFIXES.get(name, name)}:{_pascal(call)}"
        yield SDK_ACTIONS.get(whole, whole), ""
    elif service == "dynamodb":
        yield f"dynamodb:{_pascal(action)}", _arn(service, f"table/{request['TableName']}")
    elif service == "events":
        for entry in request["Entries"]:
            bus = entry.get("EventBusName", "default")
            yield "events:PutEvents", bus if ":" in bus else _arn(service, f"event-bus/{bus}")
    elif kind in BY_ARN:
        right, member = BY_ARN[kind]
        yield right, request[member]
    elif service == "sqs":
        yield "sqs:SendMessage", _arn(service, request["QueueUrl"].rpartition("/")[2])
    elif service == "states":
        yield from _to_start(request["StateMachineArn"], wait=".sync" in action)


def _to_start(started: str, *, wait: bool) -> Iterator[Needed]:
    yield "states:StartExecution", started
    if wait:
        execution = _arn("states", f"execution:{started.split(':')[6]}:any")
        yield "states:DescribeExecution", execution
        yield "states:StopExecution", execution
        for action in ("DescribeRule", "PutRule", "PutTargets"):
            yield f"events:{action}", _arn("events", RULE)


def _arn(service: str, path: str) -> str:
    _, _, _, region, account, *_ = machine.get()["stateMachineArn"].split(":")
    return f"arn:aws:{service}:{region}:{account}:{path}"


def _pascal(action: str) -> str:
    return action[:1].upper() + action[1:]


def _allowed(
    evaluator: Any, action: str, resource: str, keys: Mapping[str, str] | None = None
) -> bool:
    region = machine.get()["stateMachineArn"].split(":")[3]
    return allows(evaluator, machine.get()["roleArn"], action, resource, region, keys)


def _error(states: Any, kind: str) -> str:
    """Return the name of the error, which is the service's own."""
    service, _, rest = kind.partition(":")
    if service == "aws-sdk":
        return str(states._prefix_sdk_error(rest.partition(":")[0], "AccessDeniedException"))
    return f"{ERRORS.get(service, service)}.AccessDeniedException"
