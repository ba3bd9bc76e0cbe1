"""The gRPC service that the Pulumi engine talks to."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import grpc
from botocore.exceptions import BotoCoreError, ClientError
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

import local.provider.handlers  # noqa: F401  the handlers register themselves
from local.provider import compare, names, wire
from local.provider.checks import mistakes
from local.provider.errors import LeftBehindError, PlanOnlyError, UnsupportedError
from local.provider.functions import FUNCTIONS
from local.provider.handler import HANDLERS
from local.provider.resources import Change, Resources
from local.provider.schema import schema


def answering(method: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what goes wrong into a message that the engine shows beside the resource."""

    @wraps(method)
    def wrapped(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request)
        except ClientError as error:
            said = error.response["Error"]
            name = f"{error.operation_name}: {said.get('Code')}: {said.get('Message')}"
            context.abort(grpc.StatusCode.UNKNOWN, name)
        except (BotoCoreError, PlanOnlyError) as error:
            context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
        except UnsupportedError as error:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error))
        except (LeftBehindError, OSError) as error:
            # A package that is not there, for one.
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))

    return wrapped


class Service(provider_pb2_grpc.ResourceProviderServicer):
    """One service for every provider of a program.

    The engine does not say which of a program's providers a call is for, so all share the Region
    and the default tags that were configured last; a program of this toolkit has one.
    """

    def __init__(self, version: str, resources: Resources) -> None:
        self.version = version
        self.resources = resources

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Decline secrets, resources and outputs: the engine then sends plain values."""
        return provider_pb2.ProviderHandshakeResponse(supports_autonaming_configuration=True)

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Accept an engine that found this server by PULUMI_DEBUG_PROVIDERS."""
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Say which version of pulumi_aws this is."""
        return plugin_pb2.PluginInfo(version=self.version)

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Do nothing: it comes whenever one provider of several is closed."""
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Take the provider's arguments as they are."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Leave it to the engine to compare the provider's arguments."""
        same = compare.same(wire.load(request.olds), wire.load(request.news))
        kinds = provider_pb2.DiffResponse
        return kinds(changes=kinds.DIFF_NONE if same else kinds.DIFF_SOME)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Take Region and default tags; on the wire they are JSON, but for plain strings."""
        config = wire.load(request.args)
        if config.get("region"):
            self.resources.aws.region = config["region"]
        if config.get("defaultTags"):
            self.resources.default_tags = _tags(config["defaultTags"])
        return provider_pb2.ConfigureResponse(
            supportsPreview=True, supports_autonaming_configuration=True
        )

    @answering
    def Invoke(self, request: Any) -> Any:  # noqa: N802
        """Call a function of the provider."""
        if request.tok not in FUNCTIONS:
            raise UnsupportedError(f"the local provider has no function {request.tok}")
        answer = FUNCTIONS[request.tok](self.resources.aws)
        fields: Any = {"return": wire.dump(answer)}
        return provider_pb2.InvokeResponse(**fields)

    @answering
    def Check(self, request: Any) -> Any:  # noqa: N802
        """Refuse what is missing, unknown or of another type, and fill in the physical name."""
        spec = schema(request.type)
        olds, news = wire.load(request.olds), wire.load(request.news)
        wish = None
        if request.HasField("autonaming"):
            asked = request.autonaming
            wish = names.Wish(mode=asked.mode, name=asked.proposed_name)
        # What a program must give is not made up here.
        optional = spec.inputs.keys() - spec.required
        news |= names.named(
            request.type, request.name, request.randomSeed, news, olds, optional, wish
        )
        failures = [
            provider_pb2.CheckFailure(property=key, reason=reason)
            for key, reason in mistakes(spec, news)
        ]
        return provider_pb2.CheckResponse(inputs=wire.dump(news), failures=failures)

    @answering
    def Diff(self, request: Any) -> Any:  # noqa: N802
        """Tell which inputs changed, and which of them replace the resource."""
        spec = schema(request.type)
        olds, news = wire.load(request.old_inputs), wire.load(request.news)
        keys = compare.changed(olds, news)
        handler = HANDLERS.get(request.type)
        name = names.PROPERTIES.get(request.type, "name")
        replaces = [
            key
            for key in keys
            if key == name or (handler is not None and handler.replaces(key, olds, news))
        ]
        tags = self.resources.all_tags(spec, news)
        if tags is not None and wire.load(request.olds).get("tagsAll") != tags:
            keys.append("tagsAll")
        kinds = provider_pb2.DiffResponse
        return kinds(
            changes=kinds.DIFF_SOME if keys else kinds.DIFF_NONE,
            diffs=keys,
            replaces=replaces,
            detailedDiff={key: _detail(key, olds, news, key in replaces) for key in keys},
            hasDetailedDiff=True,
            deleteBeforeReplace=bool(replaces) and names.stays(request.type, olds, news),
        )

    @answering
    def Create(self, request: Any) -> Any:  # noqa: N802
        """Make a resource, or plan it."""
        spec, inputs = schema(request.type), wire.load(request.properties)
        if request.preview:
            planned = self.resources.plan(spec, inputs)
            return provider_pb2.CreateResponse(properties=wire.dump(planned))
        id_, state = self.resources.create(request.type, request.name, spec, inputs)
        return provider_pb2.CreateResponse(id=id_, properties=wire.dump(state))

    @answering
    def Read(self, request: Any) -> Any:  # noqa: N802
        """Tell what is there now; without an id where it is gone."""
        state, inputs = wire.load(request.properties), wire.load(request.inputs)
        try:
            found = self.resources.read(
                request.type, schema(request.type), request.id, state, inputs
            )
        except KeyError as missing:
            if state:
                raise
            text = f"{request.type} cannot be imported here: its id does not tell its {missing}"
            raise UnsupportedError(text) from None
        if found is None:
            return provider_pb2.ReadResponse()
        state, inputs = found
        return provider_pb2.ReadResponse(
            id=request.id, properties=wire.dump(state), inputs=wire.dump(inputs)
        )

    @answering
    def Update(self, request: Any) -> Any:  # noqa: N802
        """Change a resource in place, or plan it."""
        spec = schema(request.type)
        state, news = wire.load(request.olds), wire.load(request.news)
        change = Change(state=state, olds=wire.load(request.old_inputs), news=news)
        if request.preview:
            changed = compare.changed(change.olds, news)
            handler = HANDLERS.get(request.type)
            renewed = handler.renewed(frozenset(changed), news) if handler else ()
            planned = self.resources.plan(spec, news, change, renewed)
            return provider_pb2.UpdateResponse(properties=wire.dump(planned))
        state = self.resources.update(request.type, request.name, spec, request.id, change)
        return provider_pb2.UpdateResponse(properties=wire.dump(state))

    @answering
    def Delete(self, request: Any) -> Any:  # noqa: N802
        """Remove a resource."""
        self.resources.delete(request.type, request.id, wire.load(request.properties))
        return empty_pb2.Empty()


def _tags(given: Any) -> Any:
    """Return the tags of the provider's `defaultTags`, which a preview may not know yet."""
    if isinstance(given, str) and given in wire.UNKNOWNS:
        return wire.UNKNOWN
    return (json.loads(given) if isinstance(given, str) else given).get("tags", {})


def _detail(key: str, olds: wire.Properties, news: wire.Properties, replaces: bool) -> Any:
    kind = "ADD" if key not in olds else "DELETE" if key not in news else "UPDATE"
    kinds = provider_pb2.PropertyDiff
    return kinds(kind=kinds.Kind.Value(kind + "_REPLACE" * replaces), inputDiff=key != "tagsAll")
