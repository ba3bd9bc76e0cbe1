import json
from hashlib import sha256
from operator import itemgetter
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mypy_boto3_dynamodb import DynamoDBClient

from shared.attributes import from_item, to_item
from shared.orders import MOST_QUANTITY, MOST_UNIT_PRICE
from tests.lambdas.builders import (
    CONTEXT,
    document,
    get_event,
    list_event,
    place_event,
    stored,
    stored_order,
)

# The fixtures hold no state but the table, which each example reads before and after.
examples = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
lines = st.builds(
    dict[str, Any],
    sku=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True),
    quantity=st.integers(1, MOST_QUANTITY),
    unit_price=st.integers(0, MOST_UNIT_PRICE),
)
unlike_lines = st.lists(lines, min_size=1, max_size=5, unique_by=itemgetter("sku"))
bodies = st.fixed_dictionaries(
    {
        "currency": st.from_regex(r"[A-Z]{3}", fullmatch=True),
        "lines": unlike_lines,
        "payment_token": st.from_regex(r"tok_[A-Za-z0-9_]{1,64}", fullmatch=True),
    }
)
nearly = st.fixed_dictionaries(
    {
        "currency": st.just("EUR") | anything,
        "payment_token": st.just("tok_visa") | anything,
        "lines": anything
        | st.lists(
            st.fixed_dictionaries(
                {
                    "sku": st.just("tea") | anything,
                    "quantity": st.integers() | anything,
                    "unit_price": st.integers() | anything,
                },
                optional={"more": anything},
            ),
            max_size=3,
        ),
    }
)
texts = st.text(st.characters(), max_size=200)


@examples
@given(bodies)
def test_each_valid_order_is_placed_with_the_sum_of_its_lines(
    orders: ModuleType, table: DynamoDBClient, body: dict[str, Any]
) -> None:
    key = sha256(json.dumps(body).encode()).hexdigest()
    order = document(orders.place(place_event(body, key=key), CONTEXT), 201)
    assert order["lines"] == body["lines"]
    assert order["total"] == sum(each["quantity"] * each["unit_price"] for each in body["lines"])


@examples
@given(
    anything.map(json.dumps) | nearly.map(json.dumps) | texts,
    st.just("key-1") | texts,
    st.just("application/json") | texts,
    st.booleans(),
)
def test_no_request_fails_for_a_reason_of_ours_and_none_that_is_refused_is_stored(
    orders: ModuleType,
    table: DynamoDBClient,
    body: str,
    key: str,
    media_type: str,
    in_base64: bool,
) -> None:
    before = stored(table)
    event = place_event(body, key=key, headers={"content-type": media_type})
    answer = orders.place({**event, "isBase64Encoded": in_base64}, CONTEXT)
    assert answer["statusCode"] in {201, 400, 415, 422}, answer
    if answer["statusCode"] != 201:
        assert stored(table) == before


@examples
@given(texts)
def test_no_id_fails_for_a_reason_of_ours(
    orders: ModuleType, table: DynamoDBClient, order_id: str
) -> None:
    assert orders.get(get_event(order_id), CONTEXT)["statusCode"] == 404


@examples
@given(st.dictionaries(st.sampled_from(["limit", "cursor", "other"]), texts))
def test_no_query_fails_for_a_reason_of_ours(
    orders: ModuleType, table: DynamoDBClient, query: dict[str, str]
) -> None:
    answer = orders.list_orders(list_event(**query), CONTEXT)
    assert answer["statusCode"] in {200, 400}


@examples
@given(
    st.dictionaries(
        st.text(),
        st.text()
        | st.integers()
        | st.booleans()
        | st.lists(st.text())
        | st.frozensets(st.text(), min_size=1),
    )
)
def test_an_item_gives_back_what_was_stored(values: dict[str, Any]) -> None:
    assert from_item(to_item(values)) == values


def test_a_value_that_no_item_has_is_refused() -> None:
    with pytest.raises(TypeError, match="float cannot be stored"):
        to_item(stored_order(total=1.5))
