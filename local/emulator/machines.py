"""Lets the emulator's state machines do what AWS's do, where they differ; see start.py.

- A task that waits for its token fails with the call that was to pass the token on, and when no
  heartbeat comes. An asynchronous invocation is one, with Lambda's retries.
- JSONata: `Arguments`, `Output` and `Assign` of a parallel state; the output of Succeed and of the
  default choice; variables of a scope stay in it, and are all set at once.
- An alias can be started synchronously, and a nested workflow by its alias.
"""

import contextvars
import copy
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.emulator.machine_rights import machine, of_tokens

TOKEN = ".waitForTaskToken"  # noqa: S105  the word of the Amazon States Language
LONGEST = 99_999_999


def wait_for_tokens(states: Any, lambdas: Any) -> None:
    """Pass a token on as any other call, and wait for its answer or its heartbeats."""
    invoke = states._invoke_resource

    def invoke_resource(resource: str, request: Any) -> Any:
        event = isinstance(request, dict) and request.get("InvocationType") == "Event"
        if not (event and ":lambda:invoke" in resource):
            return invoke(resource, request)
        name = states._resolve_lambda_function_ref(request["FunctionName"], optimized=True)
        function, config, _ = lambdas._get_func_record_for_ref(name)
        if not function or not config:
            raise states._ExecutionError("Lambda.ResourceNotFoundException", f"no function {name}")
        record = lambdas._execution_record_for_config(function, config)
        lambdas.invoke_async_with_retry(record, request.get("Payload"))
        return {"StatusCode": 202, "Payload": ""}

    def invoke_with_callback(resource: str, request: Any, token: str, state: Any) -> Any:
        answered = threading.Event()
        of_tokens[token] = machine.get()["stateMachineArn"]
        waiting = {"event": answered, "result": None, "error": None, "heartbeat": None}
        states._task_tokens[token] = waiting
        try:
            states._invoke_resource(resource.removesuffix(TOKEN), request)
            _wait(states, states._task_tokens[token], state)
        finally:
            answer = states._task_tokens.pop(token)
        if answer["error"]:
            raise states._ExecutionError(answer["error"]["Error"], answer["error"]["Cause"])
        return json.loads(answer["result"])

    states._invoke_resource = invoke_resource
    states._invoke_with_callback = invoke_with_callback


def _wait(states: Any, waiting: dict[str, Any], state: dict[str, Any]) -> None:
    end = time.monotonic() + state.get("TimeoutSeconds", LONGEST)
    silence = state.get("HeartbeatSeconds", LONGEST)
    seen, heard = waiting["heartbeat"], time.monotonic()
    while not waiting["event"].wait(min(1, end - time.monotonic(), silence)):
        if waiting["heartbeat"] != seen:
            seen, heard = waiting["heartbeat"], time.monotonic()
        if time.monotonic() >= end:
            raise states._ExecutionError("States.Timeout", "no answer for the token")
        if time.monotonic() - heard >= silence:
            raise states._ExecutionError("States.HeartbeatTimeout", "no heartbeat for the token")


def speak_jsonata(states: Any) -> None:
    """Evaluate what the emulator leaves out of JSONata states."""
    choose, path = states._execute_choice, states._apply_output_path

    def execute_choice(state: Any, given: Any, context: Any = None) -> Any:
        held = "Output" not in state or any(
            states._evaluate_jsonata_choice_rule(choice, given, context)
            for choice in state["Choices"]
        )
        # All of a state's expressions see the variables that it was entered with.
        output = given if held else states._apply_jsonata_output(state, given, context)
        chosen, after = choose(state, given, context)
        return (chosen if held else output), after

    def apply_output_path(state: Any, data: Any, context: Any = None) -> Any:
        if state.get("Type") == "Succeed" and "Output" in state:
            return states._apply_jsonata_output(state, data, context)
        return path(state, data, context)

    def apply_state_assign(
        state: Any, given: Any, context: Any, result: Any = None, error_output: Any = None
    ) -> None:
        if states._state_query_language(state, context) == "JSONata" and state.get("Assign"):
            values = states._apply_jsonata_template(
                state["Assign"], given, context, result=result, error_output=error_output
            )
            context["variables"].update(values)

    states._execute_choice = execute_choice
    states._apply_output_path = apply_output_path
    states._apply_state_assign = apply_state_assign


def run_side_by_side(states: Any) -> None:
    """Give each branch of a parallel state its own variables and token, and evaluate the state."""
    original = states._run_parallel_branches

    def run_parallel_branches(state: Any, given: Any, execution: Any, context: Any) -> Any:
        if states._state_query_language(state, context) != "JSONata":
            return original(state, given, execution, context)
        passed = states._apply_jsonata_arguments(state, given, context)

        def run(branch: Any) -> Any:
            whole = (branch["States"], branch["StartAt"], passed)
            return states._run_sub_machine(*whole, execution, copy.deepcopy(context))

        branches = state["Branches"]
        with ThreadPoolExecutor(max_workers=len(branches)) as pool:
            running = [
                pool.submit(contextvars.copy_context().run, run, branch) for branch in branches
            ]
        results = [each.result() for each in running]
        whole = (state, given, context)
        output = states._apply_jsonata_output(*whole, result=results, default=results)
        states._apply_state_assign(*whole, result=results)
        return output, states._next_or_end(state)

    states._run_parallel_branches = run_parallel_branches


def start_aliases(states: Any) -> None:
    """Let a synchronous execution be started by an alias."""
    start = states._start_sync_execution

    def start_sync_execution(request: Any) -> Any:
        given = request.get("stateMachineArn", "")
        base = states._resolve_state_machine_arn(given) or given
        return start({**request, "stateMachineArn": base})

    states._start_sync_execution = start_sync_execution
