"""Property maps on the wire: `google.protobuf.Struct` to plain Python and back.

The provider declines secrets, outputs and resource references in its handshake, so the engine
sends plain values, assets and unknowns, and nothing else.
"""

from typing import Any

from google.protobuf import json_format, struct_pb2

Properties = dict[str, Any]

SIGNATURE = "4dabf18193072939515e22adb298388d"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
# One mark for each type of element (pulumi/pulumi, sdk/go/common/resource/plugin/rpc.go); the SDK
# for Python sends the first.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWNS = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


def load(struct: struct_pb2.Struct) -> Properties:
    """Read a property map; whole numbers become ints, nulls and the engine's own keys go."""
    loaded: Properties = _load(json_format.MessageToDict(struct))
    return loaded


def _load(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _load(each)
            for key, each in value.items()
            if each is not None and not key.startswith("__")
        }
    if isinstance(value, list):
        return [_load(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def dump(values: Properties) -> struct_pb2.Struct:
    """Write a property map."""
    struct = struct_pb2.Struct()
    struct.update({key: value for key, value in values.items() if value is not None})
    return struct


def is_unknown(value: Any) -> bool:
    """Whether a value, or a part of it, is not known before the deployment."""
    if isinstance(value, dict):
        return any(is_unknown(each) for each in value.values())
    if isinstance(value, list):
        return any(is_unknown(each) for each in value)
    return isinstance(value, str) and value in UNKNOWNS
