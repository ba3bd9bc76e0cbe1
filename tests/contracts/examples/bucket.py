"""Programs of buckets."""

from collections.abc import Callable

import pulumi_aws as aws

from components.compute.function import Function, FunctionArgs
from components.core.account import Account
from components.core.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.data.bucket import Bucket, BucketArgs, BucketCors, LifecycleRule, Upload
from components.events.queue import Queue, QueueArgs
from tests.contracts.examples.base import CODE, HANDLER


def reading(bucket: Bucket, name: str = "start") -> Function:
    links = [bucket.reader("imports/*"), bucket.writer("reports/*")]
    return Function(name, FunctionArgs(code=CODE, handler=HANDLER, links=links))


def bucket() -> Bucket:
    account = Account.current(aws.Provider("aws"))
    made = Bucket(
        "uploads",
        BucketArgs(
            account=account,
            lifecycle=[
                LifecycleRule(prefix="imports/", expire_days=90, noncurrent_days=7),
                LifecycleRule(prefix="reports/", storage_class="STANDARD_IA"),
            ],
            cors=BucketCors(origins=("https://example.com",)),
            access_logs=True,
            data_events=True,
            key=EncryptionKey("data", EncryptionKeyArgs(account=account)),
        ),
    )
    pictures = Queue("pictures", QueueArgs(sources=[made]))
    made.on_upload(
        Upload(target=reading(made), prefix="imports/", suffix=".csv"),
        Upload(target=pictures, prefix="imports/", suffix=".png"),
    )
    on_the_bus = Bucket("archive", BucketArgs(account=account, eventbridge=True, protect=True))
    on_the_bus.on_upload(
        Upload(target=reading(on_the_bus, "sort"), prefix="imports/", suffix=".csv"),
        Upload(target=Queue("all", QueueArgs(sources=[on_the_bus])), prefix="imports/"),
    )
    return made


EXAMPLES: dict[type, Callable[[], object]] = {Bucket: bucket}
