from typing import Any

import pytest

from components.core.checks import ArgumentsError
from components.data.table import Table, TableArgs
from components.data.table_capacity import TableCapacity
from components.data.table_index import TableIndex
from tests.contracts.examples.base import key
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
        "localSecondaryIndexes": [],
        "replicas": [],
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
    indexes = [TableIndex(name=name, partition_key="owner") for name in ("bbb", "aaa")]
    made = inputs(indexes=indexes)
    assert [index["name"] for index in made["globalSecondaryIndexes"]] == ["aaa", "bbb"]
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
        ({"partition_key": ""}, "partition_key is '': allowed is 1 to 255 characters"),
        ({"ttl": "x" * 256}, "ttl is 'xxx"),
        (
            {"indexes": [TableIndex(name="iii", partition_key="")]},
            "key of index iii is '': allowed is 1 to 255 characters",
        ),
        ({"key_types": {"other": "S"}}, "key_types names 'other': allowed is ['id']"),
        ({"key_types": {"id": "X"}}, "key_types[id] is 'X': allowed is 'S', 'N', 'B'"),
        ({"stream": "ALL"}, "stream is 'ALL': allowed is 'KEYS_ONLY'"),
        (
            {"indexes": [TableIndex(name=f"by-{n}", partition_key="id") for n in range(21)]},
            "number of global indexes is 21: allowed is 0 to 20",
        ),
        (
            {"indexes": [TableIndex(name="iii", partition_key="id")] * 2},
            "indexes has ['iii', 'iii']: allowed is each name once",
        ),
    ],
)
def test_what_dynamodb_refuses_is_refused_before(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        TableArgs(**{"partition_key": "id", **settings})
    assert message in str(caught.value)


def test_twenty_indexes_are_allowed() -> None:
    indexes = [TableIndex(name=f"by-{n}", partition_key="id") for n in range(20)]
    assert len(inputs(indexes=indexes)["globalSecondaryIndexes"]) == 20


def test_provisioned_capacity_needs_both_units() -> None:
    with pytest.raises(ArgumentsError, match="write_units is not given for mode provisioned"):
        TableCapacity(mode="provisioned", read_units=1)


def test_a_local_index_has_the_tables_partition_key() -> None:
    index = TableIndex(
        name="by_time", sort_key="at", projection="INCLUDE", attributes=("owner", "size")
    )
    (made,) = inputs(sort_key="version", indexes=[index])["localSecondaryIndexes"]
    assert made == {
        "name": "by_time",
        "rangeKey": "at",
        "projectionType": "INCLUDE",
        "nonKeyAttributes": ["owner", "size"],
    }


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ({"name": "ab", "sort_key": "a"}, "name is 'ab': allowed is 3 to 255 letters"),
        ({"name": "abc"}, "partition_key and sort_key of abc are None"),
        ({"name": "abc", "sort_key": "a", "projection": "INCLUDE"}, "attributes is [] for"),
        ({"name": "abc", "sort_key": "a", "attributes": ("b",)}, "attributes is ['b'] for"),
        ({"name": "abc", "sort_key": "a", "projection": "SOME"}, "projection is 'SOME': allowed"),
    ],
)
def test_an_index_that_dynamodb_refuses_is_refused(index: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentsError) as caught:
        TableIndex(**index)
    assert message in str(caught.value)


def test_local_indexes_need_a_sort_key_and_are_five_at_most() -> None:
    local = [TableIndex(name=f"by-{n}", sort_key=f"k{n}") for n in range(6)]
    with pytest.raises(ArgumentsError, match=r"sort_key is None for the local indexes \['by-0'\]"):
        TableArgs(partition_key="id", indexes=local[:1])
    with pytest.raises(ArgumentsError, match="number of local indexes is 6: allowed is 0 to 5"):
        TableArgs(partition_key="id", sort_key="at", indexes=local)
    TableArgs(partition_key="id", sort_key="at", indexes=local[:5])


def test_warm_throughput_is_given_to_table_and_indexes() -> None:
    capacity = TableCapacity(warm_read_units=12_000, warm_write_units=4_000)
    table = inputs(capacity=capacity, indexes=[TableIndex(name="by_a", partition_key="a")])
    warm = {"readUnitsPerSecond": 12_000, "writeUnitsPerSecond": 4_000}
    assert table["warmThroughput"] == table["globalSecondaryIndexes"][0]["warmThroughput"] == warm


SCALED = TableCapacity(
    mode="provisioned",
    read_units=5,
    write_units=2,
    max_read_units=50,
    max_write_units=20,
    target_utilization_percent=60,
)


def test_scaled_capacity_follows_use_and_an_up_leaves_it_alone() -> None:
    index = TableIndex(name="by_owner", partition_key="owner")
    deployment = deployed(capacity=SCALED, indexes=[index])
    targets = {each.name: each.inputs for each in deployment.all("appautoscaling/target:Target")}
    assert set(targets) == {
        f"items-{kind}-{side}-target"
        for kind in ("table", "index-by-owner")
        for side in ("read", "write")
    }
    read = targets["items-table-read-target"]
    assert (read["minCapacity"], read["maxCapacity"]) == (5, 50)
    assert read["resourceId"] == "table/items-table-1234567"
    assert read["scalableDimension"] == "dynamodb:table:ReadCapacityUnits"
    of_index = targets["items-index-by-owner-write-target"]
    assert of_index["resourceId"] == "table/items-table-1234567/index/by_owner"
    assert of_index["scalableDimension"] == "dynamodb:index:WriteCapacityUnits"
    policy = deployment.inputs("appautoscaling/policy:Policy", "items-table-read-scaling")
    tracking = policy["targetTrackingScalingPolicyConfiguration"]
    assert tracking["targetValue"] == 60
    assert deployment.one("table:Table").ignore_changes == [
        "readCapacity",
        "writeCapacity",
        "globalSecondaryIndexes[*].readCapacity",
        "globalSecondaryIndexes[*].writeCapacity",
    ]


def test_fixed_capacity_is_the_programs() -> None:
    fixed = TableCapacity(mode="provisioned", read_units=5, write_units=2)
    deployment = deployed(capacity=fixed)
    assert not deployment.all("appautoscaling/target:Target")
    assert deployment.one("table:Table").ignore_changes == []


@pytest.mark.parametrize(
    ("capacity", "message"),
    [
        ({"max_read_units": 5}, "max_read_units is 5 for mode on_demand: allowed is None"),
        (
            {"mode": "provisioned", "read_units": 5, "write_units": 1, "max_read_units": 4},
            "max_read_units is 4: allowed is the read_units of 5 or more",
        ),
        (
            {"mode": "provisioned", "read_units": 1, "write_units": 1, "warm_read_units": 12_000},
            "warm_read_units is 12000 for mode provisioned: allowed is None",
        ),
        ({"warm_read_units": 12_000}, "warm_read_units and warm_write_units: allowed is both"),
    ],
)
def test_a_capacity_that_dynamodb_refuses_is_refused(
    capacity: dict[str, Any], message: str
) -> None:
    with pytest.raises(ArgumentsError) as caught:
        TableCapacity(**capacity)
    assert message in str(caught.value)


def test_a_global_table_has_its_replicas() -> None:
    table = inputs(replica_regions=("us-east-1", "eu-west-1"), stream="NEW_AND_OLD_IMAGES")
    assert [each["regionName"] for each in table["replicas"]] == ["eu-west-1", "us-east-1"]
    assert all(each["pointInTimeRecovery"] for each in table["replicas"])
    inputs(replica_regions=("us-east-1",), stream="NEW_AND_OLD_IMAGES", capacity=SCALED)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stream": "NEW_IMAGE"}, "stream is 'NEW_IMAGE' for a global table"),
        (
            {"capacity": TableCapacity(mode="provisioned", read_units=1, write_units=1)},
            "capacity of a global table is provisioned without max_write_units",
        ),
    ],
)
def test_a_global_table_that_dynamodb_refuses_is_refused(
    settings: dict[str, Any], message: str
) -> None:
    given = {"replica_regions": ("us-east-1",), "stream": "NEW_AND_OLD_IMAGES", **settings}
    with pytest.raises(ArgumentsError, match=message):
        TableArgs(partition_key="id", **given)


def test_a_global_table_cannot_have_a_key_of_one_region() -> None:
    def program() -> None:
        TableArgs(
            partition_key="id",
            replica_regions=("us-east-1",),
            stream="NEW_AND_OLD_IMAGES",
            key=key(),
        )

    with pytest.raises(ArgumentsError, match="key is given for a global table"):
        deploy(program)


def test_other_accounts_may_read_where_asked() -> None:
    deployment = deployed(reader_accounts=("210987654321",))
    (statement,) = deployment.document("resourcePolicy:ResourcePolicy")["Statement"]
    assert statement["Principal"] == {"AWS": ["210987654321"]}
    assert statement["Resource"] == [ARN]
    assert "dynamodb:PutItem" not in statement["Action"]


def test_an_account_has_12_digits() -> None:
    with pytest.raises(ArgumentsError, match="reader account is '1': allowed is 12 digits"):
        TableArgs(partition_key="id", reader_accounts=("1",))
