from typing import Any

import pytest

from components.core.checks import ArgumentsError
from components.core.links import Link
from components.data.table import Table, TableArgs, TableIndex
from components.data.table_capacity import TableCapacity
from components.events.event_source import Batching, StreamReading
from tests.contracts.examples import key, plain_function
from tests.recording import Deployment, deploy

ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/items-table"


def deployed(**settings: Any) -> Deployment:
    return deploy(lambda: Table("items", TableArgs(**{"partition_key": "id", **settings})))


def inputs(**settings: Any) -> dict[str, Any]:
    return deployed(**settings).inputs("table:Table")


def test_a_table_is_on_demand_and_can_be_restored() -> None:
    assert inputs() == {
        "hashKey": "id",
        "attributes": [{"name": "id", "type": "S"}],
        "globalSecondaryIndexes": [],
        "billingMode": "PAY_PER_REQUEST",
        "streamEnabled": False,
        "pointInTimeRecovery": {"enabled": True},
        "deletionProtectionEnabled": False,
    }


def test_on_demand_capacity_can_be_capped() -> None:
    capped = inputs(capacity=TableCapacity(read_units=100, write_units=50))
    assert capped["onDemandThroughput"] == {"maxReadRequestUnits": 100, "maxWriteRequestUnits": 50}
    assert "readCapacity" not in capped


def test_one_side_alone_can_be_capped() -> None:
    capped = inputs(capacity=TableCapacity(write_units=50))
    assert capped["onDemandThroughput"] == {"maxWriteRequestUnits": 50}


def test_provisioned_capacity_holds_for_the_indexes_too() -> None:
    index = TableIndex(name="by_owner", partition_key="owner", sort_key="at")
    capacity = TableCapacity(mode="provisioned", read_units=7, write_units=3)
    table = inputs(capacity=capacity, indexes=[index], key_types={"at": "N"})
    assert table["billingMode"] == "PROVISIONED"
    assert (table["readCapacity"], table["writeCapacity"]) == (7, 3)
    assert table["globalSecondaryIndexes"] == [
        {
            "name": "by_owner",
            "keySchemas": [
                {"attributeName": "owner", "keyType": "HASH"},
                {"attributeName": "at", "keyType": "RANGE"},
            ],
            "projectionType": "ALL",
            "readCapacity": 7,
            "writeCapacity": 3,
        }
    ]
    assert {"name": "at", "type": "N"} in table["attributes"]


def test_indexes_are_sorted_so_that_their_order_changes_nothing() -> None:
    indexes = [TableIndex(name=name, partition_key="owner") for name in ("b", "a")]
    made = inputs(indexes=indexes)
    assert [index["name"] for index in made["globalSecondaryIndexes"]] == ["a", "b"]
    assert made == inputs(indexes=indexes[::-1])


def test_ttl_and_stream_are_as_given() -> None:
    table = inputs(ttl="expires_at", stream="KEYS_ONLY")
    assert table["ttl"] == {"attributeName": "expires_at", "enabled": True}
    assert (table["streamEnabled"], table["streamViewType"]) == (True, "KEYS_ONLY")


def test_a_protected_table_is_protected_twice() -> None:
    table = deployed(protect=True).one("table:Table")
    assert table.protect
    assert table.inputs["deletionProtectionEnabled"] is True


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"key_types": {"other": "S"}}, "key_types names 'other': allowed is ['id']"),
        ({"key_types": {"id": "X"}}, "key_types[id] is 'X': allowed is 'S', 'N', 'B'"),
        ({"stream": "ALL"}, "stream is 'ALL': allowed is 'KEYS_ONLY'"),
        (
            {"indexes": [TableIndex(name=f"i{n}", partition_key="id") for n in range(21)]},
            "number of indexes is 21: allowed is 0 to 20",
        ),
        (
            {"indexes": [TableIndex(name="i", partition_key="id")] * 2},
            "indexes has ['i', 'i']: allowed is each name once",
        ),
    ],
)
def test_what_dynamodb_refuses_is_refused_before(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        TableArgs(**{"partition_key": "id", **settings})
    assert message in str(caught.value)


def test_twenty_indexes_are_allowed() -> None:
    indexes = [TableIndex(name=f"i{n}", partition_key="id") for n in range(20)]
    assert len(inputs(indexes=indexes)["globalSecondaryIndexes"]) == 20


def test_provisioned_capacity_needs_both_units() -> None:
    with pytest.raises(ArgumentsError, match="write_units is not given for mode provisioned"):
        TableCapacity(mode="provisioned", read_units=1)


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


def test_only_readers_reach_the_indexes() -> None:
    reader, writer = links(indexes=[TableIndex(name="i", partition_key="owner")]).values()
    assert [len(each.grants[0].resources) for each in (reader, writer)] == [2, 1]


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
