from typing import Any

import pytest

from components.core.checks import ArgumentsError
from components.core.links import Link
from components.data.table import Table, TableArgs
from components.data.table_index import TableIndex
from components.events.event_source import Batching, StreamReading
from tests.contracts.examples.base import key, plain_function
from tests.recording import Deployment, deploy

ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/items-table"


def links(**settings: Any) -> dict[str, Link]:
    made: dict[str, Link] = {}

    def program() -> None:
        table = Table("items", TableArgs(**{"partition_key": "id", **settings}))
        made.update(reader=table.reader(), writer=table.writer())

    deploy(program)
    return made


def test_a_reader_cannot_write_and_a_writer_cannot_read() -> None:
    reader, writer = links().values()
    (read,), (write,) = reader.grants, writer.grants
    assert "dynamodb:Query" in read.actions
    assert not set(read.actions) & set(write.actions)
    assert list(reader.environment) == list(writer.environment) == ["ITEMS_TABLE_NAME"]


def test_a_reader_writer_may_do_both() -> None:
    made: list[Link] = []

    def program() -> None:
        made.append(Table("items", TableArgs(partition_key="id")).reader_writer())

    deploy(program)
    actions = {action for grant in made[0].grants for action in grant.actions}
    assert {"dynamodb:Query", "dynamodb:PutItem"} <= actions


def test_only_readers_reach_the_indexes() -> None:
    reader, writer = links(indexes=[TableIndex(name="iii", partition_key="owner")]).values()
    assert [len(each.grants[0].resources) for each in (reader, writer)] == [2, 1]


def test_a_link_can_name_the_actions_that_it_needs() -> None:
    made: list[Link] = []

    def program() -> None:
        index = TableIndex(name="iii", partition_key="owner")
        table = Table("items", TableArgs(partition_key="id", indexes=[index]))
        made.extend([table.reader("GetItem"), table.writer("PutItem"), table.reader("Query")])

    deploy(program)
    get, put, query = (each.grants[0] for each in made)
    assert (get.actions, len(get.resources)) == (("dynamodb:GetItem",), 1)
    assert put.actions == ("dynamodb:PutItem",)
    assert (query.actions, len(query.resources)) == (("dynamodb:Query",), 2)


def test_a_link_cannot_be_widened_by_naming_actions() -> None:
    def program() -> None:
        table: Any = Table("items", TableArgs(partition_key="id"))
        with pytest.raises(ArgumentsError, match="action is 'PutItem': allowed is 'BatchGetItem'"):
            table.reader("PutItem")
        with pytest.raises(ArgumentsError, match="action is 'GetItem': allowed is 'BatchWrite"):
            table.writer("GetItem")

    deploy(program)


def test_links_carry_the_keys_actions() -> None:
    made: list[Link] = []

    def program() -> None:
        table = Table("items", TableArgs(partition_key="id", key=key()))
        made.extend([table.reader(), table.writer()])

    deployment = deploy(program)
    reader, writer = made
    assert reader.grants[1].actions == ("kms:Decrypt", "kms:DescribeKey")
    assert "kms:GenerateDataKey" in writer.grants[1].actions
    sse = deployment.inputs("table:Table")["serverSideEncryption"]
    assert sse == {"enabled": True, "kmsKeyArn": deployment.arn("key:Key")}


def subscribed(reading: StreamReading | None = None) -> Deployment:
    def program() -> None:
        table = Table("items", TableArgs(partition_key="id", stream="NEW_IMAGE"))
        table.subscribe(plain_function(), reading)

    return deploy(program)


def test_a_subscription_retries_splits_and_keeps_what_failed() -> None:
    mapping = subscribed().inputs("eventSourceMapping:EventSourceMapping")
    failures = "arn:aws:sqs:eu-central-1:123456789012:items-work-failures-queue"
    assert mapping == {
        "eventSourceArn": f"{ARN}/stream/2026-01-01",
        "functionName": "arn:aws:lambda:eu-central-1:123456789012:function:"
        "work-function-1234567:live",
        "functionResponseTypes": ["ReportBatchItemFailures"],
        "batchSize": 100,
        "maximumBatchingWindowInSeconds": 1,
        "startingPosition": "TRIM_HORIZON",
        "maximumRetryAttempts": 500,
        "maximumRecordAgeInSeconds": 86_400,
        "parallelizationFactor": 1,
        "bisectBatchOnFunctionError": True,
        "destinationConfig": {"onFailure": {"destinationArn": failures}},
    }


def test_a_subscription_reads_the_stream_and_sends_failures_only() -> None:
    deployment = subscribed()
    statements = deployment.document("rolePolicy:RolePolicy", "work-items-policy")["Statement"]
    assert [each["Action"] for each in statements] == [
        ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
        ["dynamodb:ListStreams"],
        ["sqs:SendMessage"],
    ]
    assert "work-items-policy" in deployment.one("EventSourceMapping").depends_on


def test_a_subscription_can_filter() -> None:
    filters = [{"eventName": ["INSERT"]}]
    mapping = subscribed(StreamReading(batching=Batching(filters=filters)))
    assert mapping.inputs("EventSourceMapping")["filterCriteria"] == {
        "filters": [{"pattern": '{"eventName": ["INSERT"]}'}]
    }


def test_a_table_without_a_stream_has_no_subscribers() -> None:
    with pytest.raises(ArgumentsError, match="stream of table items is None: allowed is one of"):
        deploy(lambda: Table("items", TableArgs(partition_key="id")).subscribe(plain_function()))
