"""Lets the emulator's distributed maps use JSONata, batches and result files; see start.py.

It prepares the items, has the emulator run them, and keeps what comes of them.
"""

import json
import uuid
from typing import Any

from local.emulator.machine_rights import check_rights, machine

PREPARED = ("ItemReader", "ItemSelector", "Items", "ItemBatcher", "ResultWriter")
AFTER = ("Assign", "Output")


def run_apart(states: Any, s3: Any, evaluator: Any) -> None:
    """Run each item, or batch of items, as an execution of its own, which sees no variables."""
    original = states._run_distributed_map

    def run_distributed_map(
        state: Any, given: Any, effective: Any, iterator: Any, execution: Any, context: Any
    ) -> Any:
        if states._state_query_language(state, context) != "JSONata":
            return original(state, given, effective, iterator, execution, context)
        start = ("states:StartExecution", machine.get()["stateMachineArn"])
        check_rights(states, evaluator, "StepFunctions.AccessDeniedException", [start])
        items = _selected(states, evaluator, state, given, context)
        if "ItemBatcher" in state:
            batcher = states._apply_jsonata_template(state["ItemBatcher"], given, context)
            items = _batches(items, batcher)
        plain = {key: each for key, each in state.items() if key not in (*PREPARED, *AFTER)}
        apart = {**context, "variables": {}}
        results, after = original(plain, given, items, iterator, execution, apart)
        if "ResultWriter" in state:
            results = _written(states, s3, evaluator, state["ResultWriter"], results)
        whole = (state, given, context)
        output = states._apply_jsonata_output(*whole, result=results, default=results)
        states._apply_state_assign(*whole, result=results)
        return output, after

    states._run_distributed_map = run_distributed_map


def _selected(states: Any, evaluator: Any, state: Any, given: Any, context: Any) -> list[Any]:
    found = given
    if "ItemReader" in state:
        reader = states._apply_jsonata_template(state["ItemReader"], given, context)
        bucket, key = reader["Arguments"]["Bucket"], reader["Arguments"].get("Key")
        arn = f"arn:aws:s3:::{bucket}"
        needed = ("s3:GetObject", f"{arn}/{key}") if key else ("s3:ListBucket", arn)
        check_rights(states, evaluator, "States.ItemReaderFailed", [needed])
        found = states._read_map_items(reader, given, context)
    elif "Items" in state:
        found = states._jsonata_state_field(state, "Items", "array", given, context)
    if "ItemSelector" not in state:
        return list(found)
    return [
        states._apply_jsonata_template(
            state["ItemSelector"], given, {**context, "Map": {"Item": {"Index": n, "Value": each}}}
        )
        for n, each in enumerate(found)
    ]


def _batches(items: list[Any], batcher: dict[str, Any]) -> list[Any]:
    shared = {"BatchInput": batcher["BatchInput"]} if "BatchInput" in batcher else {}
    most, largest = batcher.get("MaxItemsPerBatch"), batcher.get("MaxInputBytesPerBatch")
    batches: list[Any] = []
    for item in items:
        longer = {**shared, "Items": [*(batches[-1]["Items"] if batches else ()), item]}
        full = most and len(longer["Items"]) > most
        if not batches or full or (largest and len(json.dumps(longer)) > largest):
            batches.append({**shared, "Items": [item]})
        else:
            batches[-1] = longer
    return batches


def _written(states: Any, s3: Any, evaluator: Any, writer: Any, results: list[Any]) -> Any:
    bucket, prefix = writer["Arguments"]["Bucket"], writer["Arguments"]["Prefix"].rstrip("/")
    folder = f"{prefix}/{uuid.uuid4()}"
    succeeded = [
        {"Output": json.dumps(each), "Status": "SUCCEEDED"} for each in results if each is not None
    ]
    files = {
        "SUCCEEDED_0.json": succeeded,
        "manifest.json": {
            "DestinationBucket": bucket,
            "ResultFiles": {"SUCCEEDED": [{"Key": f"{folder}/SUCCEEDED_0.json"}]},
        },
    }
    for name, content in files.items():
        needed = ("s3:PutObject", f"arn:aws:s3:::{bucket}/{folder}/{name}")
        check_rights(states, evaluator, "States.ResultWriterFailed", [needed])
        s3._put_object(bucket, f"{folder}/{name}", json.dumps(content).encode(), {})
    key = f"{folder}/manifest.json"
    return {"ResultWriterDetails": {"Bucket": bucket, "Key": key}}
