"""Programs of the components of compute, data, events and api."""

from collections.abc import Callable, Sequence

import pulumi_aws as aws

from components.api.authorizer import LambdaAuthorizer
from components.api.custom_domain import CustomDomain
from components.api.http_api import Cors, HttpApi, HttpApiArgs, VpcLink
from components.api.route import HttpBackend, Route, Throttle
from components.api.user_pool import SignInPolicy, UserPool, UserPoolArgs
from components.compute.asynchronous import AsynchronousInvocation
from components.compute.durable_execution import DurableExecution
from components.compute.function import Function, FunctionArgs, VpcPlacement
from components.compute.function_size import FunctionSize, WarmPeriod
from components.compute.layer import Layer, LayerArgs
from components.core.account import Account
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.core.links import Link
from components.data.table import Table, TableArgs
from components.data.table_capacity import TableCapacity
from components.data.table_index import TableIndex
from components.events.dead_letter_queue import DeadLetterQueue
from components.events.event_bus import EventBus, EventBusArgs
from components.events.event_source import Batching
from components.events.queue import Queue, QueueArgs

CODE = "tests/function_code/work"
HANDLER = "work.handler.handle"


def key() -> EncryptionKey:
    account = Account.current(aws.Provider("aws"))
    return EncryptionKey("data", EncryptionKeyArgs(account=account, services=("events", "logs")))


def layer() -> Layer:
    return Layer("dependencies", LayerArgs(requirements="requirements/functions.txt"))


def function() -> Function:
    size = FunctionSize(
        reserved_concurrency=20,
        provisioned_concurrency=2,
        max_provisioned_concurrency=10,
        warm_periods=(WarmPeriod(name="day", cron="0 8 ? * MON-FRI *", minimum=5, maximum=10),),
    )
    table = Table("items", TableArgs(partition_key="id"))
    args = FunctionArgs(
        code=CODE,
        handler=HANDLER,
        size=size,
        links=[table.reader(), plain_function("other").invoker()],
        vpc=VpcPlacement(subnet_ids=("subnet-1", "subnet-2"), security_group_ids=("sg-1",)),
        asynchronous=AsynchronousInvocation(retries=1, on_success=Queue("results")),
        recursion=True,
        key=key(),
    )
    review = durable_function()
    plain_function("decide", links=[review.callback_sender(), review.invoker()])
    return Function("work", args)


def durable_function() -> Function:
    settings = DurableExecution(execution_timeout_seconds=86_400)
    return Function("review", FunctionArgs(code=CODE, handler=HANDLER, durable=settings))


def plain_function(name: str = "work", links: Sequence[Link] = ()) -> Function:
    return Function(name, FunctionArgs(code=CODE, handler=HANDLER, links=links))


def table() -> Table:
    made = Table(
        "items",
        TableArgs(
            partition_key="id",
            sort_key="version",
            key_types={"version": "N"},
            indexes=[
                TableIndex(name="by_owner", partition_key="owner", sort_key="version"),
                TableIndex(name="by_time", sort_key="changed_at", projection="KEYS_ONLY"),
            ],
            capacity=TableCapacity(
                mode="provisioned",
                read_units=5,
                write_units=5,
                max_read_units=50,
                max_write_units=50,
            ),
            reader_accounts=("210987654321",),
            stream="NEW_AND_OLD_IMAGES",
            ttl="expires_at",
            protect=True,
            key=key(),
        ),
    )
    made.subscribe(plain_function())
    return made


def dead_letter_queue() -> DeadLetterQueue:
    return DeadLetterQueue("failures")


def queue() -> Queue:
    made = Queue("incoming", QueueArgs(key=key()))
    made.subscribe(plain_function(), Batching(filters=[{"body": {"kind": ["a"]}}]))
    return made


def event_bus() -> EventBus:
    bus = EventBus(
        "events", EventBusArgs(publisher_accounts=("210987654321",), discover_schemas=True)
    )
    bus.on("copy", {"source": ["orders"]}, EventBus("audit"))
    bus.on("all", {"source": ["orders"]}, Queue("everything", QueueArgs(sources=[bus])))
    bus.on("placed", {"detail-type": ["OrderPlaced"]}, plain_function())
    return bus


def user_pool() -> UserPool:
    sign_in = SignInPolicy(threat_protection="ENFORCED", admin_sign_in=True)
    return UserPool(
        "people", UserPoolArgs(sign_in=sign_in, scopes={"read": "Read all"}, groups=("staff",))
    )


def http_api() -> HttpApi:
    work = plain_function()
    routes = [
        Route(key="POST /things", function=work, throttle=Throttle(rate=5, burst=5)),
        Route(key="GET /things/{id}", function=work, scopes=("people/read",)),
        Route(key="$default", function=plain_function("lost"), auth="none"),
        Route(key="GET /inside", backend=HttpBackend(listener_arn="arn:l"), auth="iam"),
        Route(key="GET /guarded", function=work, auth="lambda"),
    ]
    args = HttpApiArgs(
        routes=routes,
        user_pool=user_pool(),
        lambda_authorizer=LambdaAuthorizer(function=plain_function("guard")),
        vpc_link=VpcLink(subnet_ids=("subnet-1", "subnet-2"), security_group_ids=("sg-1",)),
        domain=CustomDomain(name="api.example.com", certificate_arn="arn:c"),
        cors=Cors(origins=("https://example.com",)),
    )
    return HttpApi("front", args)


EXAMPLES: dict[type, Callable[[], object]] = {
    EncryptionKey: key,
    Layer: layer,
    Function: function,
    Table: table,
    DeadLetterQueue: dead_letter_queue,
    Queue: queue,
    EventBus: event_bus,
    UserPool: user_pool,
    HttpApi: http_api,
}
