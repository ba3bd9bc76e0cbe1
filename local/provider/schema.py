"""What pulumi_aws's own classes say of a resource type."""

import functools
import importlib
import importlib.metadata
import threading
from dataclasses import dataclass
from typing import Any

import pulumi_aws  # noqa: F401  it registers its modules
from pulumi import _types
from pulumi.runtime import rpc

from local.provider import hints
from local.provider.errors import UnsupportedError

# pulumi_aws imports lazily, and would hand a second thread a module that is half loaded.
_IMPORTING = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Schema:
    """The properties of a type, by their names on the wire."""

    inputs: dict[str, Any]
    outputs: dict[str, Any]
    required: frozenset[str]

    @property
    def computed(self) -> frozenset[str]:
        """The outputs that no input gives."""
        return frozenset(self.outputs) - frozenset(self.inputs)


@functools.cache
def schema(token: str) -> Schema:
    """Return the schema of a type.

    Raises:
        UnsupportedError: for a type that this pulumi_aws does not have.
    """
    package, _, module = token.rpartition(":")[0].partition(":")
    found = rpc.get_resource_module(package, module, "")
    if found is None or token not in found.mod_info["classes"]:  # type: ignore[attr-defined]
        version = importlib.metadata.version("pulumi_aws")
        raise UnsupportedError(f"pulumi_aws {version} has no type {token}")
    info = found.mod_info  # type: ignore[attr-defined]
    with _IMPORTING:
        home = importlib.import_module(info["fqn"])
        resource = getattr(home, info["classes"][token])
        name = resource.__name__
        args = getattr(home, f"{name}InitArgs", None) or getattr(home, f"{name}Args")
    return Schema(
        inputs=_types.input_type_types(args),
        outputs=_types.resource_types(resource),
        required=hints.required(args),
    )


def tokens() -> list[str]:
    """Return every type of pulumi_aws."""
    modules = [each for group in rpc._RESOURCE_MODULES.values() for each in group]  # noqa: SLF001
    return sorted(token for each in modules for token in each.mod_info["classes"])  # type: ignore[attr-defined]
