import base64
import json
from typing import Any

import pytest

from local.runtime import pipe, templates

RESERVED = {"aws.pipes.pipe-name": "move", "aws.pipes.event": {"a": 1}}
EVENT = {"id": "o-1", "lines": [{"n": 3}, {"n": 4}], "note": 'say "hi"', "none": None}


def message(body: str) -> dict[str, Any]:
    return {"eventSource": "aws:sqs", "messageId": "m", "body": body}


def record(data: bytes) -> dict[str, Any]:
    return {"eventSource": "aws:kinesis", "data": base64.b64encode(data).decode()}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ('{"id": <$.id>, "of": "<aws.pipes.pipe-name>"}', '{"id": "o-1", "of": "move"}'),
        ('{"n": <$.lines[1].n>, "all": <$.lines>}', '{"n": 4, "all": [{"n": 3}, {"n": 4}]}'),
        ('{"said": "<$.note>!"}', '{"said": "say \\"hi\\"!"}'),
        ('{"said": "\\"<$.id>\\""}', '{"said": "\\"o-1\\""}'),
        ('{"a": <$.missing>, "b": "<$.missing>"}', '{"a": null, "b": ""}'),
        ('{"a": <$.lines[9].n>, "b": <$.id.deeper>}', '{"a": null, "b": null}'),
        ("order <$.id> of <aws.pipes.pipe-name>", "order o-1 of move"),
        ("<$.lines>", '[{"n": 3}, {"n": 4}]'),
        ('"<$.id>"', '"o-1"'),
        ("<aws.pipes.event>", '{"a": 1}'),
        ("<b>plain</b>", "<b>plain</b>"),
        ('{"event": "<aws.pipes.event>"}', '{"event": "{\\"a\\": 1}"}'),
    ],
)
def test_a_template_is_filled(template: str, text: str) -> None:
    assert templates.rendered(template, EVENT, RESERVED) == text


@pytest.mark.parametrize(
    ("event", "path", "value"),
    [
        (message('{"id": 5}'), "$.body.id", 5),
        (message("plain"), "$.body", "plain"),
        (record(b'{"id": 5}'), "$.data.id", 5),
        (record(b"plain"), "$.data", "plain"),
        (record(b"\xff"), "$.data", "/w=="),
        (EVENT, "$.lines[*]", EVENT["lines"]),
        (EVENT, "$", EVENT),
        ("text", "$.a", None),
    ],
)
def test_bodies_and_data_are_looked_into(event: Any, path: str, value: Any) -> None:
    assert templates.at(templates.parsed(event), path) == value


def test_a_parameter_is_a_path_or_itself() -> None:
    assert templates.value_of("$.id", EVENT) == "o-1"
    assert templates.value_of("$.lines[0].n", EVENT) == "3"
    assert templates.value_of("orders", EVENT) == "orders"


def test_a_record_of_a_stream_is_flat_in_a_pipe() -> None:
    found = {"eventID": "e", "kinesis": {"partitionKey": "k", "sequenceNumber": "1"}}
    assert pipe.flat(found) == {"eventID": "e", "partitionKey": "k", "sequenceNumber": "1"}
    assert pipe.identifier(found) == "1"
    assert pipe.identifier({"dynamodb": {"SequenceNumber": "2"}}) == "2"
    assert pipe.identifier(message("a")) == "m"


@pytest.mark.parametrize("answer", [None, "", {}, []])
def test_an_empty_answer_of_an_enrichment_ends_the_batch(answer: Any) -> None:
    assert pipe.enriched(answer) == []


def test_an_enrichment_answers_with_one_event_or_with_several() -> None:
    assert pipe.enriched({"a": 1}) == [{"a": 1}]
    assert pipe.enriched([{"a": 1}, {"a": 2}]) == [{"a": 1}, {"a": 2}]


def test_what_a_template_makes_is_json_where_it_is_json() -> None:
    own = {"Arn": "a", "Name": "move", "Source": "s", "Target": "t"}
    assert pipe.made(own, None, EVENT) == EVENT
    assert pipe.made(own, '{"id": <$.id>}', EVENT) == {"id": "o-1"}
    assert pipe.made(own, "<$.id>", EVENT) == "o-1"
    assert pipe.made(own, "<aws.pipes.event.json>", {"a": 1}) == {"a": 1}
    assert json.loads(json.dumps(pipe.reserved(own, EVENT)))
