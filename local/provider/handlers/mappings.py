"""Event source mappings, and what becomes of asynchronous invocations."""

from typing import Any

from local.provider import shapes
from local.provider.clients import Clients
from local.provider.handler import Api, Handler, handles
from local.provider.handlers import tags
from local.provider.wire import Properties

# What the emulator has another way: the stream of a consumer, and a time.
GIVEN = ("eventSourceArn", "startingPositionTimestamp")


@handles("aws:lambda/eventSourceMapping:EventSourceMapping")
class EventSourceMapping(Api):
    """A mapping from a stream or a queue to a function."""

    service = "lambda"
    replace = frozenset({"eventSourceArn", "startingPosition", "startingPositionTimestamp"})
    noun = "event_source_mapping"
    read_verb = "get"
    key = {"UUID": "id"}
    id_member = "UUID"
    renames = {"destinationArn": "Destination"}
    resets = {
        "enabled": True,
        "filterCriteria": {},
        "functionResponseTypes": [],
        "destinationConfig": {},
        "scalingConfig": {},
        "maximumBatchingWindowInSeconds": 0,
        "maximumRecordAgeInSeconds": -1,
        "maximumRetryAttempts": -1,
        "bisectBatchOnFunctionError": False,
        "parallelizationFactor": 1,
        "tumblingWindowInSeconds": 0,
    }

    def prepare(self, properties: Properties) -> Properties:
        """Read a consumer's stream itself: the emulator does not push records."""
        source = properties.get("eventSourceArn", "").partition("/consumer/")[0]
        return {**properties, "eventSourceArn": source or None}

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties | None:
        live: dict[str, Any] = super().read(aws, id_, state) or {}
        return {**live, "enabled": live.get("state") not in ("Disabled", "Disabling")}

    def more(self, aws: Clients, id_: str, state: Properties) -> Properties:
        arn = aws.arn("lambda", f"event-source-mapping:{id_}")
        return {
            "arn": arn,
            # The API tells the function's ARN, without the alias that the mapping was made for.
            "functionName": state.get("functionName"),
            **{key: state[key] for key in GIVEN if key in state},
            "tags": aws("lambda").list_tags(Resource=arn).get("Tags", {}),
        }

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        super().update(aws, id_, old, new)
        client, arn = aws("lambda"), aws.arn("lambda", f"event-source-mapping:{id_}")
        if tags.removed(old, new):
            client.untag_resource(Resource=arn, TagKeys=tags.removed(old, new))
        if new.get("tags"):
            client.tag_resource(Resource=arn, Tags=new["tags"])


@handles("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")
class FunctionEventInvokeConfig(Handler):
    """Retries, age and destinations of asynchronous invocations."""

    replace = frozenset({"functionName", "qualifier"})

    def create(self, aws: Clients, properties: Properties) -> str:
        self.update(aws, "", {}, properties)
        return ":".join(self._key(properties).values())

    def read(self, aws: Clients, id_: str, state: Properties) -> Properties:
        client = aws("lambda")
        answer = client.get_function_event_invoke_config(**self._key(state))
        shape = shapes.operation(client, "get_function_event_invoke_config").output_shape
        return shapes.from_response(shape, answer, {})

    def update(self, aws: Clients, id_: str, old: Properties, new: Properties) -> None:
        client = aws("lambda")
        shape = shapes.operation(client, "put_function_event_invoke_config").input_shape
        client.put_function_event_invoke_config(**shapes.to_request(shape, new, {}))

    def delete(self, aws: Clients, id_: str, state: Properties) -> None:
        aws("lambda").delete_function_event_invoke_config(**self._key(state))

    @staticmethod
    def _key(properties: Properties) -> dict[str, Any]:
        key = {"FunctionName": properties["functionName"]}
        if properties.get("qualifier"):
            key["Qualifier"] = properties["qualifier"]
        return key
