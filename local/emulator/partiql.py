"""PartiQL as DynamoDB has it: rights by what a statement does, and streams of what it inserts."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

STATEMENT = re.compile(r'\s*(INSERT|SELECT|UPDATE|DELETE)\b[^"]*"([^"]+)"', re.IGNORECASE)
CALLS = {
    "dynamodb:BatchExecuteStatement",
    "dynamodb:ExecuteStatement",
    "dynamodb:ExecuteTransaction",
}


def decide_by_statements(actions: Any) -> None:
    """Let the emulator's IAM decide on PartiQL as AWS does: it knows the calls' names only.

    The statements of one call are alike here: the first of them decides.
    """
    action_of, resource_of = actions.extract_iam_action, actions.extract_resource_arn

    def action(service: str, method: str, path: str, headers: Any, body: Any, *rest: Any) -> Any:
        found = action_of(service, method, path, headers, body, *rest)
        asked = _first(body) if found in CALLS else None
        return f"dynamodb:{asked[0]}" if asked else found

    def resource(service: str, method: str, path: str, headers: Any, body: Any, *rest: Any) -> Any:
        found = resource_of(service, method, path, headers, body, *rest)
        asked = _first(body) if service == "dynamodb" and found == "*" else None
        if asked is None:
            return found
        # The last two are the Region and the account.
        return f"arn:aws:dynamodb:{rest[-2]}:{rest[-1]}:table/{asked[1]}"

    actions.extract_iam_action, actions.extract_resource_arn = action, resource


def tell_of_inserts(dynamodb: Any) -> None:
    """Let the stream of a table tell of what is inserted: the emulator's tells of other writes."""
    insert = dynamodb._partiql_insert

    def told(table: Any, parsed: Mapping[str, Any]) -> Any:
        answer = insert(table, parsed)
        if answer[0] == HTTPStatus.OK:
            item = parsed["item"]
            whole = item["M"] if set(item) == {"M"} else item
            dynamodb._emit_stream_event(parsed["table"], "INSERT", None, whole)
        return answer

    dynamodb._partiql_insert = told


def _first(body: Any) -> tuple[str, str] | None:
    """Return the action and the table of a request's first statement, if it has one."""
    try:
        request: Mapping[str, Any] = json.loads(body or b"{}")
    except ValueError:
        return None
    each = [*request.get("Statements", []), *request.get("TransactStatements", []), request]
    found = STATEMENT.match(each[0].get("Statement", ""))
    return (f"PartiQL{found[1].capitalize()}", found[2]) if found else None
