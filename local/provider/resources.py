"""What is done with a resource: the types with a handler are made, all others are recorded."""

from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from local.provider.clients import Clients
from local.provider.compare import as_given
from local.provider.errors import PlanOnlyError
from local.provider.handler import HANDLERS, Handler, is_gone
from local.provider.schema import Schema
from local.provider.wire import UNKNOWN, Properties


@dataclass
class Resources:
    """Creates, reads, updates and deletes resources, with the stage's default tags."""

    aws: Clients
    default_tags: dict[str, str] = field(default_factory=dict)
    recorded: set[tuple[str, str]] = field(default_factory=set)
    """Type and name of the resources of this run that no emulator has."""

    def plan(self, schema: Schema, inputs: Properties, known: Properties) -> Properties:
        """Return what a preview can tell of a resource: inputs, and outputs that stay."""
        computed = {key: known.get(key, UNKNOWN) for key in schema.computed}
        return {**computed, **inputs, **self._tags(schema, inputs)}

    def create(
        self, token: str, name: str, schema: Schema, inputs: Properties
    ) -> tuple[str, Properties]:
        """Make a resource and return its id and state; a half of one is removed again."""
        if self.aws.endpoint is None:
            raise PlanOnlyError("this provider only plans: it has no emulator to deploy to")
        handler = HANDLERS.get(token)
        if handler is None:
            return self._record(token, name, schema, inputs)
        tagged = self._tagged(schema, inputs)
        made = handler.create(self.aws, tagged)
        try:
            handler.finish(self.aws, made, tagged)
            return made, self._state(handler, schema, made, inputs)
        except Exception:
            # The engine does not know it yet: left there, it would be lost.
            handler.delete(self.aws, made, tagged)
            raise

    def update(
        self, token: str, name: str, schema: Schema, id_: str, olds: Properties, news: Properties
    ) -> Properties:
        """Change a resource in place and return its state."""
        handler = HANDLERS.get(token)
        if handler is None:
            self.recorded.add((token, name))
            kept = {key: value for key, value in olds.items() if key in schema.computed}
            return {**kept, **news, **self._tags(schema, news)}
        handler.update(self.aws, id_, olds, self._tagged(schema, news))
        return self._state(handler, schema, id_, news, olds)

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
            live = {**live, "tagsAll": live["tags"], "tags": self._own_tags(live["tags"])}
        known = {key: value for key, value in live.items() if key in schema.outputs}
        # Without inputs this is an import: all that is there becomes the inputs.
        wanted = inputs or {key: known[key] for key in schema.inputs if key in known}
        found = {key: as_given(value, live.get(key)) for key, value in wanted.items()}
        return {**state, **known, **found}, found

    def delete(self, token: str, id_: str, state: Properties) -> None:
        """Remove a resource; one that is gone already is no error."""
        handler = HANDLERS.get(token)
        if handler is None:
            return
        try:
            handler.delete(self.aws, id_, state)
        except ClientError as error:
            if not is_gone(error):
                raise

    def all_tags(self, schema: Schema, inputs: Properties) -> dict[str, str] | None:
        """Return a resource's tags and the stage's; None for a type without tags."""
        if "tagsAll" not in schema.outputs:
            return None
        return {**self.default_tags, **(inputs.get("tags") or {})}

    def _tags(self, schema: Schema, inputs: Properties) -> Properties:
        tags = self.all_tags(schema, inputs)
        return {} if tags is None else {"tagsAll": tags}

    def _tagged(self, schema: Schema, inputs: Properties) -> Properties:
        tags = self.all_tags(schema, inputs)
        return inputs if tags is None else {**inputs, "tags": tags}

    def _own_tags(self, tags: dict[str, str]) -> dict[str, str]:
        return {k: v for k, v in tags.items() if self.default_tags.get(k) != v}

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
        id_ = str(inputs.get("name", name))
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
