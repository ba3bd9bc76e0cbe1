import json
from collections.abc import Callable

import pulumi_aws as aws
import pytest

from components.compute.function import Function, FunctionArgs
from components.core.account import Account
from components.core.checks import ArgumentsError
from components.data.bucket import Bucket, BucketArgs, Upload
from components.events.queue import Queue, QueueArgs
from tests.contracts.examples.base import CODE, HANDLER, plain_function
from tests.recording import ACCOUNT, REGION, Deployment, deploy

ARN = "arn:aws:s3:::uploads-bucket-1234567"
PNG = {"prefix": "imports/", "suffix": ".png"}
CREATED = ["s3:ObjectCreated:*"]


def told() -> Deployment:
    def program() -> None:
        bucket = Bucket("uploads")
        links = [bucket.reader("imports/*"), bucket.writer("reports/*")]
        start = Function("start", FunctionArgs(code=CODE, handler=HANDLER, links=links))
        bucket.on_upload(
            Upload(target=start, prefix="imports/", suffix=".csv"),
            Upload(target=start, prefix="old/"),
            Upload(target=Queue("pictures", QueueArgs(sources=[bucket])), **PNG),
        )

    return deploy(program)


def test_one_notification_tells_all() -> None:
    notification = told().inputs("BucketNotification")
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:start-function-1234567:live"
    assert notification == {
        "bucket": "uploads-bucket-1234567",
        "eventbridge": False,
        "lambdaFunctions": [
            {
                "id": "start:imports/*.csv",
                "events": CREATED,
                "filterPrefix": "imports/",
                "filterSuffix": ".csv",
                "lambdaFunctionArn": function,
            },
            {
                "id": "start:old/*",
                "events": CREATED,
                "filterPrefix": "old/",
                "filterSuffix": "",
                "lambdaFunctionArn": function,
            },
        ],
        "queues": [
            {
                "id": "pictures:imports/*.png",
                "events": CREATED,
                "filterPrefix": "imports/",
                "filterSuffix": ".png",
                "queueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:pictures-queue",
            }
        ],
    }


def test_the_notification_comes_after_what_lets_it_in() -> None:
    deployment = told()
    before = deployment.one("BucketNotification").depends_on
    assert "start-uploads-permission" in before
    assert "pictures-policy" in before


def test_only_this_bucket_of_this_account_invokes_the_function() -> None:
    permission = told().inputs("lambda/permission:Permission")
    assert permission["principal"] == "s3.amazonaws.com"
    assert permission["sourceArn"] == ARN
    assert permission["sourceAccount"] == ACCOUNT
    assert permission["qualifier"] == "live"


def test_failed_events_are_kept() -> None:
    config = told().inputs("FunctionEventInvokeConfig")
    assert config["destinationConfig"]["onFailure"]["destination"].endswith(
        ":start-failed-events-queue"
    )


def by_rules(*uploads: Callable[[Bucket], Upload]) -> Deployment:
    def program() -> None:
        account = Account.current(aws.Provider("aws"))
        bucket = Bucket("uploads", BucketArgs(account=account, eventbridge=True))
        bucket.on_upload(*(make(bucket) for make in uploads))

    return deploy(program)


def test_rules_of_the_default_bus_tell_each_target_of_its_keys() -> None:
    start = plain_function
    deployment = by_rules(
        lambda _: Upload(target=start(), prefix="in/", suffix=".csv"),
        lambda bucket: Upload(target=Queue("all", QueueArgs(sources=[bucket])), prefix="in/"),
    )
    assert deployment.inputs("BucketNotification")["eventbridge"] is True
    rule = deployment.one("EventRule", "uploads-work-rule")
    assert "eventBusName" not in rule.inputs
    assert json.loads(rule.inputs["eventPattern"]) == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": ["uploads-bucket-1234567"]},
            "object": {"key": [{"wildcard": "in/*.csv"}]},
        },
    }
    *_, allow = deployment.document("QueuePolicy", "all-policy")["Statement"]
    assert allow["Principal"] == {"Service": "events.amazonaws.com"}
    rules = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/*uploads-*"
    assert allow["Condition"] == {"ArnLike": {"aws:SourceArn": rules}}
    failures = deployment.inputs("EventTarget", "uploads-work-target")["deadLetterConfig"]
    assert failures["arn"].endswith(":uploads-work-failures-queue")


def test_one_rule_has_all_keys_of_a_target() -> None:
    made: list[Function] = []

    def work(_: Bucket) -> Upload:
        made.append(plain_function())
        return Upload(target=made[0], prefix="in/")

    deployment = by_rules(
        work,
        lambda _: Upload(target=made[0], suffix=".csv"),
        lambda _: Upload(target=made[0]),
    )
    (rule,) = deployment.all("EventRule")
    keys = json.loads(rule.inputs["eventPattern"])["detail"]["object"]["key"]
    assert keys == [{"prefix": "in/"}, {"suffix": ".csv"}, {"prefix": ""}]


def refused(make: Callable[[Bucket], list[Upload]]) -> str:
    said: list[str] = []

    def program() -> None:
        bucket = Bucket("uploads")
        with pytest.raises(ArgumentsError) as caught:
            bucket.on_upload(*make(bucket))
        said.append(str(caught.value))

    deployment = deploy(program)
    assert not deployment.all("BucketNotification")
    return said[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"prefix": "in/"}),
        ({"prefix": "in/"}, {"prefix": "in/a"}),
        ({"prefix": "in/", "suffix": ".gz"}, {"prefix": "in/", "suffix": ".csv.gz"}),
        ({"prefix": "in/"}, {"suffix": ".csv"}),
    ],
)
def test_two_uploads_of_one_key_are_refused(one: dict[str, str], other: dict[str, str]) -> None:
    said = refused(
        lambda _: [
            Upload(target=plain_function("one"), **one),
            Upload(target=plain_function("other"), **other),
        ]
    )
    assert said.endswith("overlap: allowed is one for each key")


def test_a_second_call_and_an_empty_one_are_refused() -> None:
    assert refused(lambda _: []) == "uploads is empty: allowed is one upload or more"

    def program() -> None:
        bucket = Bucket("uploads")
        bucket.on_upload(Upload(target=plain_function(), prefix="a/"))
        with pytest.raises(ArgumentsError, match="on_upload of bucket uploads is called twice"):
            bucket.on_upload(Upload(target=plain_function("other"), prefix="b/"))

    assert len(deploy(program).all("BucketNotification")) == 1


def test_a_queue_that_was_not_made_for_the_bucket_is_refused() -> None:
    said = refused(lambda _: [Upload(target=Queue("strange"), prefix="a/")])
    assert said == "upload a/*: bucket is not among the sources of queue strange"


def writing(bucket: Bucket, pattern: str, *, recursion: bool = False) -> Function:
    links = [bucket.reader(), Bucket("other").writer(), bucket.writer(pattern)]
    args = FunctionArgs(code=CODE, handler=HANDLER, links=links, recursion=recursion)
    return Function("work", args)


@pytest.mark.parametrize("pattern", ["*", "in/*", "in/a/*", "i*", "in/one.csv"])
def test_a_function_that_may_invoke_itself_without_end_is_refused(pattern: str) -> None:
    said = refused(
        lambda bucket: [Upload(target=writing(bucket, pattern), prefix="in/", suffix=".csv")]
    )
    assert said == (
        f"function work may write {pattern!r}, which invokes it by 'in/*.csv': allowed is another "
        "prefix, or recursion"
    )


@pytest.mark.parametrize(
    ("pattern", "recursion"), [("out/*", False), ("in/one.txt", False), ("in/*", True)]
)
def test_a_function_that_writes_elsewhere_or_may_recur_is_taken(
    pattern: str, recursion: bool
) -> None:
    def program() -> None:
        bucket = Bucket("uploads")
        work = writing(bucket, pattern, recursion=recursion)
        bucket.on_upload(Upload(target=work, prefix="in/", suffix=".csv"))

    assert deploy(program).all("BucketNotification")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"prefix": "in/*"}, r"prefix is 'in/\*': allowed is letters, digits and"),
        ({"suffix": " .csv"}, r"suffix is ' .csv': allowed is letters, digits and"),
        (
            {"prefix": "a" * 1_000, "suffix": "b" * 25},
            "characters of prefix and suffix is 1025: allowed is 0 to 1,024",
        ),
    ],
)
def test_filters_that_s3_would_refuse_are_refused(given: dict[str, str], message: str) -> None:
    def program() -> None:
        with pytest.raises(ArgumentsError, match=message):
            Upload(target=plain_function(), **given)

    deploy(program)
