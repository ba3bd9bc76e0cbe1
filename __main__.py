"""The orders system of one stage, top to bottom."""

import gc

# Evaluation makes very many short-lived objects; collecting less often halves its time.
gc.set_threshold(100_000, 50, 50)

import pulumi

from components.api.http_api import HttpApi, HttpApiArgs
from components.events.queue import Queue, QueueArgs
from settings import Stage
from system.analytics import Analytics
from system.context import Context
from system.fulfilment import Fulfilment
from system.importer import Importer
from system.imports import Imports
from system.inside import Inside
from system.kubernetes import Kubernetes
from system.notices import Notices
from system.ordering import Ordering
from system.review import Review

stage = Stage.load()
settings = stage.settings
context = Context.of(stage)

ordering = Ordering(context)
review = Review(context)
fulfilment = Fulfilment(context, ordering, review)
notices = Notices(context, ordering.bus)
analytics = Analytics(context, ordering.bus)
imports = Imports(context, ordering.orders)

inside = Inside(context, [*imports.worker, *imports.comparing, *analytics.links])
analytics.aggregate(inside)
importer = Importer(context, imports, inside)
if settings.kubernetes:
    Kubernetes(context, inside.network, settings.kubernetes.administrators)

api = HttpApi(
    "orders",
    HttpApiArgs(
        routes=[*ordering.routes, *review.routes],
        user_pool=ordering.customers,
        cors=settings.cors,
        throttle=settings.api_throttle,
        logs=settings.logs,
        key=context.key,
    ),
    context.opts,
)

if settings.events_tap:
    tap = Queue("events-tap", QueueArgs(sources=[ordering.bus], key=context.key), context.opts)
    ordering.bus.on("tap", {"source": ["orders"]}, tap)
    pulumi.export("events_queue_url", tap.url)

pulumi.export("api_url", api.url)
pulumi.export("user_pool_id", ordering.customers.id)
pulumi.export("user_pool_client_id", ordering.customers.client_ids["web"])
pulumi.export("orders_bus_name", ordering.bus.name)
pulumi.export("uploads_bucket_name", imports.uploads.name)
pulumi.export("importer_repository_url", imports.repository.url)
if importer.nightly:
    pulumi.export("reconciliation_arn", importer.nightly.machine.arn)
pulumi.export("jobs_table_name", imports.job.table.name)
pulumi.export("fulfilment_arn", fulfilment.workflow.machine.arn)
for table in (
    *(ordering.orders, review.reviews, notices.deliveries, analytics.statistics),
    *(fulfilment.inventory, fulfilment.reservations, fulfilment.payments),
):
    pulumi.export(f"{table.logical_name}_table_name", table.name)
for name, dead_letters in {
    "publish_orders": ordering.unreadable,
    "fulfilment": fulfilment.dead_letters,
    "notifications": notices.notifications.dead_letters,
    "shipping": notices.shipping.dead_letters,
    "analytics": analytics.dead_letters,
    "imports": imports.job.queue.dead_letters,
}.items():
    pulumi.export(f"{name}_dead_letters_url", dead_letters.url)
