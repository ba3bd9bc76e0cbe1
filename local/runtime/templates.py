"""Templates and paths of pipes.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

PLACEHOLDER = re.compile(r"<((?:aws\.pipes|\$)[^<>]*)>")
STEP = re.compile(r"([\w/-]+)|\[(\d+|\*)\]")
QUOTE = re.compile(r'(?<!\\)"')


def rendered(template: str, event: Any, reserved: Mapping[str, Any]) -> str:
    """Return a template with its placeholders filled, from the event or the pipe's own values."""
    document = template.lstrip()[:1] in ("{", "[", '"')
    view = parsed(event)

    def filled(found: re.Match[str]) -> str:
        name = found[1]
        value = reserved.get(name) if name.startswith("aws.") else at(view, name)
        quoted = len(QUOTE.findall(template[: found.start()])) % 2 == 1
        if document and not quoted:
            return json.dumps(value)
        text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
        return json.dumps(text)[1:-1] if document else text

    return PLACEHOLDER.sub(filled, template)


def value_of(text: Any, event: Any) -> Any:
    """Return what a parameter stands for: a path of the event, or itself."""
    if isinstance(text, str) and text.startswith("$"):
        found = at(parsed(event), text)
        return found if isinstance(found, str) else json.dumps(found)
    return text


def at(value: Any, path: str) -> Any:
    """Return what a path leads to, or None."""
    for name, index in STEP.findall(path[1:]):
        if name:
            value = value.get(name) if isinstance(value, dict) else None
        elif index != "*":
            number = int(index)
            inside = isinstance(value, list) and number < len(value)
            value = value[number] if inside else None
    return value


def parsed(event: Any) -> Any:
    """Return an event with what is inside its body: that of a message, or a record's data."""
    readers: dict[str, tuple[str, Callable[[str], str]]] = {
        "aws:sqs": ("body", str),
        "aws:kinesis": ("data", lambda text: base64.b64decode(text).decode()),
    }
    source = event.get("eventSource") if isinstance(event, dict) else None
    if source not in readers:
        return event
    key, decoded = readers[source]
    try:
        text = decoded(event[key])
    except ValueError:
        return event
    try:
        return {**event, key: json.loads(text)}
    except ValueError:
        return {**event, key: text}
