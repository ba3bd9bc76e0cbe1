"""What is done with a resource: the types with a handler are made, all others are recorded."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.provider.clients import Clients
from local.provider.compare import as_given
from local.provider.errors import LeftBehindError, PlanOnlyError
from local.provider.handler import HANDLERS, Handler, is_gone
from local.provider.names import PROPERTIES
from local.provider.schema import Schema
from local.provider.wire import UNKNOWN, UNKNOWNS, Properties


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is there, the inputs that it was made of, and the inputs that it is to have."""

    state: Properties
    olds: Properties
    news: Properties


@dataclass
class Resources:
    """Creates, reads, updates and deletes resources, with the stage's default tags."""

    aws: Clients
    default_tags: Any = field(default_factory=dict)
    """The stage's tags, or UNKNOWN where a preview cannot tell them yet."""
    recorded: set[tuple[str, str]] = field(default_factory=set)
    """Type and name of the resources of this run that no emulator has."""

    def plan(
        self,
        schema: Schema,
        inputs: Properties,
        change: Change | None = None,
        renewed: Iterable[str] = (),
    ) -> Properties:
        """Return what a preview can tell of a resource: inputs, and outputs that stay.

        `change` tells what is there already, `renewed` what the change makes anew in it.
        """
        if change is None:
            outputs = dict.fromkeys(schema.computed, UNKNOWN)
        else:
            # What the program gave before, and gives no more, is not kept.
            kept = schema.outputs.keys() - change.olds.keys()
            outputs = {key: value for key, value in change.state.items() if key in kept}
            outputs |= dict.fromkeys(renewed, UNKNOWN)
        return {**outputs, **inputs, **self._tags(schema, inputs)}

    def create(
        self, token: str, name: str, schema: Schema, inputs: Properties
    ) -> tuple[str, Properties]:
        """Make a resource and return its id and state; a half of one is removed again."""
        handler = self._handler(token)
        if handler is None:
            return self._record(token, name, schema, inputs)
        tagged = self._tagged(schema, inputs)
        made = handler.create(self.aws, tagged)
        try:
            handler.finish(self.aws, made, tagged)
            self._note(handler, token, name, tagged)
            return made, self._state(handler, schema, made, inputs)
        except Exception as error:
            # The engine does not know it yet: left there, it would be lost.
            try:
                handler.delete(self.aws, made, tagged)
            except (BotoCoreError, ClientError) as refusal:
                text = f"{error}\n{token} {made} was half made and could not be removed: {refusal}"
                raise LeftBehindError(text) from error
            raise

    def update(
        self,
        token: str,
        name: str,
        schema: Schema,
        id_: str,
        change: Change,
    ) -> Properties:
        """Change a resource in place and return its state."""
        handler, state, news = self._handler(token), change.state, change.news
        if handler is None:
            self.recorded.add((token, name))
            kept = {key: value for key, value in state.items() if key in schema.computed}
            return {**kept, **news, **self._tags(schema, news)}
        # Outputs, and of the inputs those that the program gave: what it gives no more goes back.
        outputs = schema.computed | {"tagsAll"}
        old = {key: value for key, value in state.items() if key in outputs} | change.olds
        handler.update(self.aws, id_, old, self._tagged(schema, news))
        self._note(handler, token, name, news)
        return self._state(handler, schema, id_, news, state)

    def read(
        self, token: str, schema: Schema, id_: str, state: Properties, inputs: Properties
    ) -> tuple[Properties, Properties] | None:
        """Return state and inputs as they are now, or None for what is gone."""
        handler = HANDLERS.get(token)
        if handler is None:
            return state, inputs
        live = _read(handler, self.aws, id_, state)
        if live is None:
            return None
        if "tags" in live:
            own = self._own_tags(live["tags"], inputs.get("tags") or {})
            live = {**live, "tagsAll": live["tags"], "tags": own}
        known = {key: value for key, value in live.items() if key in schema.outputs}
        # Without inputs this is an import: all that is there becomes the inputs.
        wanted = inputs or {key: known[key] for key in schema.inputs if key in known}
        found = {
            key: as_given(value, live.get(key), schema.inputs.get(key))
            for key, value in wanted.items()
        }
        return {**state, **known, **found}, found

    def delete(self, token: str, id_: str, state: Properties) -> None:
        """Remove a resource; one that is gone already is no error."""
        handler = self._handler(token)
        if handler is None:
            return
        try:
            handler.delete(self.aws, id_, state)
        except ClientError as error:
            if not is_gone(error):
                raise

    def all_tags(self, schema: Schema, inputs: Properties) -> Any:
        """Return a resource's tags and the stage's; None for a type without tags."""
        if "tagsAll" not in schema.outputs:
            return None
        own = inputs.get("tags") or {}
        if any(isinstance(tags, str) and tags in UNKNOWNS for tags in (own, self.default_tags)):
            return UNKNOWN
        return {**self.default_tags, **own}

    def _handler(self, token: str) -> Handler | None:
        """Return the handler of a type that is to be changed; None where it is recorded."""
        if self.aws.endpoint is None:
            raise PlanOnlyError("this provider only plans: it has no emulator to deploy to")
        return HANDLERS.get(token)

    def _note(self, handler: Handler, token: str, name: str, properties: Properties) -> None:
        if handler.recorded(properties):
            self.recorded.add((token, name))

    def _tags(self, schema: Schema, inputs: Properties) -> Properties:
        tags = self.all_tags(schema, inputs)
        return {} if tags is None else {"tagsAll": tags}

    def _tagged(self, schema: Schema, inputs: Properties) -> Properties:
        tags = self.all_tags(schema, inputs)
        return inputs if tags is None else {**inputs, "tags": tags}

    def _own_tags(self, tags: dict[str, str], given: Properties) -> dict[str, str]:
        """Return the tags that are not the stage's; a program may give one of these itself."""
        return {k: v for k, v in tags.items() if k in given or self.default_tags.get(k) != v}

    def _state(
        self,
        handler: Handler,
        schema: Schema,
        id_: str,
        inputs: Properties,
        olds: Properties | None = None,
    ) -> Properties:
        live = _read(handler, self.aws, id_, {**(olds or {}), **inputs}) or {}
        known = {key: value for key, value in live.items() if key in schema.outputs}
        return {**known, **inputs, **self._tags(schema, inputs)}

    def _record(
        self, token: str, name: str, schema: Schema, inputs: Properties
    ) -> tuple[str, Properties]:
        self.recorded.add((token, name))
        id_ = str(inputs.get(PROPERTIES.get(token, "name"), name))
        service, kind = token.split(":")[1].split("/")
        arn = self.aws.arn(service, f"{kind}/{id_}")
        plausible: dict[str, Any] = {
            key: arn if key.lower().endswith("arn") else f"{id_}-{key}"
            for key in schema.computed
            if schema.outputs[key] is str and key.lower().endswith(("arn", "id"))
        }
        return id_, {**plausible, **inputs, **self._tags(schema, inputs)}


def _read(handler: Handler, aws: Clients, id_: str, state: Properties) -> Properties | None:
    try:
        return handler.read(aws, id_, state)
    except ClientError as error:
        if is_gone(error):
            return None
        raise
