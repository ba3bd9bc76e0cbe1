"""Without an emulator nothing changes, and many calls at once do no harm."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from local.provider.clients import Clients
from local.provider.errors import PlanOnlyError
from local.provider.runtime import Runtime
from local.provider.schema import schema, tokens
from tests.local.engine_side import Engine

RECORDED = "aws:s3/bucket:Bucket"


@pytest.mark.parametrize("token", ["aws:sqs/queue:Queue", RECORDED])
def test_nothing_is_created_changed_or_removed(planner: Engine, token: str) -> None:
    for call in (
        lambda: planner.create(token, {"name": "a"}),
        lambda: planner.update(token, "a", {}, {}, {"name": "a"}),
        lambda: planner.delete(token, "a", {}),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            call()
        assert "only plans" in str(caught.value.details())
    assert planner.provider.recorded == []


def test_there_are_no_clients() -> None:
    clients = Clients(None, Runtime(project=Path.cwd(), python="python"))
    with pytest.raises(PlanOnlyError):
        clients("sqs")


def test_clients_know_no_proxy_and_no_credentials_of_the_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-the-user")
    sqs = Clients("http://127.0.0.1:1", Runtime(project=Path.cwd(), python="python"))("sqs")
    assert sqs.meta.config.proxies == {}
    assert sqs._request_signer._credentials.access_key == "test"


def test_types_are_looked_at_by_many_threads_at_once() -> None:
    schema.cache_clear()
    chosen = tokens()[::25]
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(schema, [token for token in chosen for _ in range(4)]))
    assert all(each.inputs for each in found)
