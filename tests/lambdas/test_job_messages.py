"""Messages of jobs: which are read, and why the others never will be."""

import json
from typing import Any

import pytest

from tests.lambdas.jobs import asked, modules

VERSION_1 = {
    "version": 1,
    "job_id": "imports/a.csv@0055AED6DCD90281E5",
    "kind": "import",
    "request": {"key": "imports/a.csv", "etag": '"0f"', "size": 12_000_000},
    "decision": {
        "where": "service",
        "limit": "seconds",
        "estimate": {"seconds": 1500.0, "memory_mb": 100.0},
        "overridden": False,
    },
    "requested_at": "2026-11-24T10:00:00Z",
}


def refused(text: str) -> str:
    lib = modules()
    with pytest.raises(lib.errors.JobRefusedError) as refusal:
        lib.message.read(text)
    return str(refusal.value)


def test_every_version_that_is_promised_is_read() -> None:
    found = modules().message.read(json.dumps({**VERSION_1, "added_later": True}))
    assert found.decision.limit == "seconds"
    assert found.request["size"] == 12_000_000


def test_what_is_sent_is_read() -> None:
    assert modules().message.read(asked().model_dump_json()) == asked()


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "4", "[" * 100_000])
def test_what_is_no_message_is_refused(text: str) -> None:
    assert refused(text) == "the message is no JSON object"


@pytest.mark.parametrize("version", [2, 0, None, "1", [1], True])
def test_an_unknown_version_is_refused_by_name(version: Any) -> None:
    reason = refused(json.dumps({**VERSION_1, "version": version}))
    assert reason == f"version {version!r} of a job is unknown: known is 1"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"job_id": ""}, "job_id"),
        ({"job_id": "x" * 1_501}, "job_id"),
        ({"request": []}, "request"),
        ({"decision": {"where": "moon"}}, "decision.where"),
        ({"requested_at": "2026-11-24T10:00:00"}, "requested_at"),
    ],
)
def test_a_message_with_a_mistake_says_where(change: dict[str, Any], field: str) -> None:
    assert f"{field}: " in refused(json.dumps({**VERSION_1, **change}))
