"""The orders system of one stage, top to bottom."""

import gc

# Evaluation makes very many short-lived objects; collecting less often halves its time.
gc.set_threshold(100_000, 50, 50)

import pulumi
import pulumi_aws as aws

from components.api.http_api import HttpApi, HttpApiArgs
from components.api.route import Route
from components.api.user_pool import UserPool, UserPoolArgs
from components.compute.function import Function, FunctionArgs
from components.compute.function_size import FunctionSize
from components.compute.layer import Layer, LayerArgs
from components.core.account import Account
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.core.links import Link
from components.core.tags import default_tags
from components.data.table import Table, TableArgs
from components.data.table_index import TableIndex
from components.events.event_bus import EventBus, EventBusArgs
from components.events.event_source import Batching, StreamReading
from components.events.queue import Queue, QueueArgs
from settings import Stage

stage = Stage.load()
settings = stage.settings
sizes = settings.functions

provider = aws.Provider(
    "aws",
    region=stage.region,
    default_tags=aws.ProviderDefaultTagsArgs(
        tags=default_tags(
            project=pulumi.get_project(),
            stage=stage.name,
            owner=settings.owner,
            cost_center=settings.cost_center,
            more=settings.tags,
        )
    ),
)
in_stage = pulumi.ResourceOptions(provider=provider)

key = None
if settings.customer_managed_key:
    key = EncryptionKey(
        "orders",
        EncryptionKeyArgs(
            account=Account.current(provider),
            services=("events", "logs"),
            protect=settings.protect,
        ),
        in_stage,
    )

customers = UserPool(
    "customers",
    UserPoolArgs(sign_in=settings.sign_in, protect=settings.protect),
    in_stage,
)
orders = Table(
    "orders",
    TableArgs(
        partition_key="order_id",
        indexes=[
            TableIndex(name="by_customer", partition_key="customer_id", sort_key="placed_at")
        ],
        capacity=settings.orders_table,
        stream="NEW_IMAGE",
        protect=settings.protect,
        key=key,
    ),
    in_stage,
)
bus = EventBus("orders", EventBusArgs(archive_days=settings.archive_days, key=key), in_stage)
dependencies = Layer(
    "dependencies", LayerArgs(requirements="requirements/functions.txt"), in_stage
)


def function(name: str, handler: str, size: FunctionSize, *links: Link) -> Function:
    """Make a function of the orders folder, with the stage's logs and key."""
    args = FunctionArgs(
        code="lambdas/orders",
        handler=handler,
        size=size,
        layers=[dependencies],
        links=links,
        logs=settings.logs,
        key=key,
    )
    return Function(name, args, in_stage)


place = function("place-order", "orders.handler.place", sizes.place_order, orders.writer())
get = function("get-order", "orders.handler.get", sizes.get_order, orders.reader())
list_ = function("list-orders", "orders.handler.list_orders", sizes.list_orders, orders.reader())
not_found = function("route-not-found", "orders.routes.not_found", sizes.route_not_found)
publish = function(
    "publish-orders", "orders.outbox.publish", sizes.publish_orders, bus.publisher()
)

api = HttpApi(
    "orders",
    HttpApiArgs(
        routes=[
            Route(key="POST /orders", function=place),
            Route(key="GET /orders", function=list_),
            Route(key="GET /orders/{order_id}", function=get),
            Route(key="$default", function=not_found, auth="none"),
        ],
        user_pool=customers,
        cors=settings.cors,
        throttle=settings.api_throttle,
        logs=settings.logs,
        key=key,
    ),
    in_stage,
)

# The outbox: an order is written once, and its event follows from the table's stream.
orders.subscribe(
    publish,
    StreamReading(
        batching=Batching(batch_size=100, window_seconds=1, filters=[{"eventName": ["INSERT"]}])
    ),
)

if settings.events_tap:
    tap = Queue("events-tap", QueueArgs(sources=[bus], key=key), in_stage)
    bus.on("tap", {"source": ["orders"]}, tap)
    pulumi.export("events_queue_url", tap.url)

pulumi.export("api_url", api.url)
pulumi.export("user_pool_id", customers.id)
pulumi.export("user_pool_client_id", customers.client_ids["web"])
pulumi.export("orders_table_name", orders.name)
pulumi.export("orders_bus_name", bus.name)
