"""Logs, metrics and traces, made once."""

import gc
import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from pydantic import Field

from shared.environment import Environment

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

Handler: TypeAlias = "Callable[[Mapping[str, Any], LambdaContext], dict[str, Any]]"
Annotate: TypeAlias = Callable[[str, str], None]


class Names(Environment):
    """What log lines and metrics are named by; Powertools reads them too."""

    service: str = Field(alias="POWERTOOLS_SERVICE_NAME")
    namespace: str = Field(alias="POWERTOOLS_METRICS_NAMESPACE")


def _tracing() -> tuple[Callable[[Handler], Handler], Annotate]:
    # Lambda names a daemon, other places have none. The X-Ray SDK is a tenth of a cold start, and
    # outside of Lambda three times that, so it is imported only where it can send.
    if "AWS_XRAY_DAEMON_ADDRESS" not in os.environ:
        return lambda handler: handler, lambda _key, _value: None
    from aws_lambda_powertools.tracing import Tracer  # noqa: PLC0415

    tracer = Tracer(patch_modules=["botocore"])
    # A response holds a customer's data, which a trace must not.
    return partial(tracer.capture_lambda_handler, capture_response=False), tracer.put_annotation


names = Names.read()
logger = Logger(service=names.service)
traced, annotate = _tracing()


def count(metric: str, value: int = 1) -> None:
    """Count something that happened, as a metric of the service."""
    with single_metric(metric, MetricUnit.Count, value, namespace=names.namespace):
        pass


def entry_point(handler: Handler) -> Handler:
    """Trace a handler, and give its log lines the ids of the invocation."""
    # What the imports made stays; no later collection need look at it.
    gc.freeze()
    # Never the event, whatever the environment says: it carries the customer's token.
    observed: Handler = logger.inject_lambda_context(handler, log_event=False)
    return traced(observed)
