"""What the emulator is started with: asynchronous events of an alias follow its settings."""

from types import SimpleNamespace
from typing import Any

import pytest

from local.emulator.start import respect_aliases

SETTINGS = {"MaximumRetryAttempts": 0}


class Functions(dict[str, Any]):
    def get_scoped(self, _account: str, _region: str, name: str) -> Any:
        return self.get(name)


def invoked(version: str, alias: str = "live") -> Any:
    seen: list[Any] = []
    base = {
        "aliases": {"live": {"FunctionVersion": "2"}},
        "event_invoke_configs": {alias: SETTINGS},
    }
    lambdas = SimpleNamespace(
        _functions=Functions(work=base),
        _account_region_from_function_config=lambda _: ("000000000000", "us-east-1"),
        invoke_async_with_retry=lambda function, _: seen.append(function),
    )
    respect_aliases(lambdas)
    config = {"FunctionName": "work", "Version": version}
    lambdas.invoke_async_with_retry({"config": config}, {})
    return seen[0].get("event_invoke_config")


def test_the_version_of_an_alias_has_the_settings_of_the_alias() -> None:
    assert invoked("2") == SETTINGS


@pytest.mark.parametrize(("version", "alias"), [("1", "live"), ("2", "other")])
def test_another_version_or_alias_has_not(version: str, alias: str) -> None:
    assert invoked(version, alias) is None
