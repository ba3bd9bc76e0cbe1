"""How a type is created, read, updated and deleted in the emulator."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from local.provider import shapes
from local.provider.clients import Clients
from local.provider.wire import Properties

GONE = (
    "NotFound",
    "NoSuch",
    "NonExistentQueue",
    "QueueDoesNotExist",
    "StateMachineDoesNotExist",
    "ResourceNotFound",
)


def is_gone(error: ClientError) -> bool:
    """Whether an error says that there is no such thing."""
    code = error.response["Error"]["Code"]
    return any(word in code for word in GONE)


class Handler(ABC):
    """One type. Properties carry the wire's names, without unknowns and secrets."""

    replace: ClassVar[frozenset[str]] = frozenset()
    """Inputs that cannot change in place."""
    presence: ClassVar[frozenset[str]] = frozenset()
    """Inputs whose value can change in place, but that cannot be given or taken away so."""

    def replaces(self, key: str, olds: Properties, news: Properties) -> bool:
        """Whether a change of this input makes the resource anew."""
        appears = (key in olds) != (key in news)
        return key in self.replace or (key in self.presence and appears)

    @abstractmethod
    def create(self, aws: Clients, properties: Properties) -> str:
        """Make it, and return its id."""

    def finish(self, aws: Clients, id_: str, properties: Properties) -> None:  # noqa: B027  most need nothing
        """Do what a creation needs besides its first call; if it fails, `delete` follows."""

    @abstractmethod
    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        """Return what is there now, or None when it is gone; `state` is empty on an import."""

    @abstractmethod
    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        """Change it in place; `old` is what the program gave before, and the outputs."""

    @abstractmethod
    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        """Remove it."""

    def renewed(self, changed: frozenset[str], new: Properties) -> frozenset[str]:  # noqa: ARG002
        """Return the outputs that a change of these inputs makes anew, unknown to a preview."""
        return frozenset()

    def recorded(self, properties: Properties) -> bool:  # noqa: ARG002
        """Whether the emulator keeps it and does nothing by it: that is told as recorded."""
        return False


class Api(Handler):
    """A type that botocore's shapes describe: its operations, and how they name it."""

    service: ClassVar[str]
    noun: ClassVar[str]
    """What boto3's methods name it: `create_…`, `update_…`, `delete_…`."""
    read_verb: ClassVar[str] = "describe"
    key: ClassVar[Mapping[str, str]]
    """How requests name it: a member, and the property that fills it; `id` is its id."""
    renames: ClassVar[shapes.Renames] = {}
    resets: ClassVar[Mapping[str, Any]] = {}
    """What an update sends for a property that the program no longer gives: else it would stay."""
    answer: ClassVar[str] = ""
    """The member of the read's response that holds it, if it is not the response itself."""
    id_member: ClassVar[str] = ""
    """The member of the creation's response that is its id; without, the id is made of the key."""

    def create(self, aws: Clients, properties: Properties) -> str:
        response = self._call(aws, "create", properties, {})
        if self.id_member:
            return str(response[self.id_member])
        return str(properties[next(iter(self.key.values()))])

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        client, method = aws(self.service), self.method("read")
        response = getattr(client, method)(**self._key(id_, state))
        shape = shapes.operation(client, method).output_shape
        if self.answer:
            response, shape = response[self.answer], shape.members[self.answer]
        return {
            **shapes.from_response(shape, response, self.renames),
            **self.more(aws, id_, state),
        }

    def more(self, aws: Clients, id_: str, state: Properties) -> Properties:  # noqa: ARG002
        """Return outputs that the API does not tell."""
        return {}

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        back = {key: value for key, value in self.resets.items() if key in old and key not in new}
        self._call(aws, "update", {**back, **new}, self._key(id_, {**old, **new}))

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        getattr(aws(self.service), self.method("delete"))(**self._key(id_, state))

    def method(self, kind: str) -> str:
        """Return boto3's method for `create`, `read`, `update` or `delete`."""
        return f"{self.read_verb if kind == 'read' else kind}_{self.noun}"

    def _key(self, id_: str, state: Properties) -> dict[str, Any]:
        return {name: id_ if key == "id" else state[key] for name, key in self.key.items()}

    def _call(
        self, aws: Clients, kind: str, properties: Properties, key: Mapping[str, Any]
    ) -> dict[str, Any]:
        client, method = aws(self.service), self.method(kind)
        shape = shapes.operation(client, method).input_shape
        request = {**shapes.to_request(shape, self.prepare(properties), self.renames), **key}
        answered: dict[str, Any] = getattr(client, method)(**request)
        return answered

    def prepare(self, properties: Properties) -> Properties:
        """Return the properties in the form that the API takes."""
        return properties


HANDLERS: dict[str, Handler] = {}


def handles(token: str) -> Any:
    """Register a handler class for a type."""

    def register(cls: type[Handler]) -> type[Handler]:
        HANDLERS[token] = cls()
        return cls

    return register
