"""Which files and rows are imported."""

import io
import sys
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_s3 import S3Client

from imports.models import Row
from tests.lambdas.builders import CUSTOMER, stored
from tests.lambdas.test_properties import examples
from tests.lambdas.uploads import COLUMNS, csv, imported, row

pytestmark = pytest.mark.usefixtures("jobs", "sqs")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"reference": ""}, "reference: "),
        ({"reference": "a/b"}, "reference: "),
        ({"customer_id": ""}, "customer_id: "),
        ({"sku": "-tea"}, "sku: "),
        ({"quantity": 0}, "quantity: "),
        ({"quantity": 1_001}, "quantity: "),
        ({"quantity": "1.0"}, "quantity: "),
        ({"quantity": "1_0"}, "quantity: "),
        ({"quantity": " 1"}, "quantity: "),
        ({"quantity": "٣"}, "quantity: "),
        ({"quantity": "9" * 5_000}, "quantity: "),
        ({"unit_price": -1}, "unit_price: "),
        ({"unit_price": 10_000_001}, "unit_price: "),
        ({"currency": "euro"}, "currency: "),
        ({"payment_token": "4242424242424242"}, "payment_token: "),
        ({"sku": "?", "currency": ""}, "sku: "),
        ({"more": "1"}, "the row has 8 fields, the header 7"),
        ({"sku": '"tea'}, "the line is not CSV: "),
        ({"sku": '"tea"s'}, "the line is not CSV: "),
        ({"sku": "x" * 9_000}, "the line has more than 8,192 bytes"),
        ({"sku": "x" * 20_000 + '"'}, "the line has more than 8,192 bytes"),
    ],
)
def test_each_mistake_is_named_and_spoils_its_own_row_only(
    imports: ModuleType,
    s3: S3Client,
    table: DynamoDBClient,
    changes: dict[str, object],
    reason: str,
) -> None:
    found = imported(imports, s3, csv(row(1), row(2, **changes), row(3)))
    assert (found["rows"], found["placed"], found["refused"]) == (3, 2, 1)
    [error] = found["errors"]
    assert error["row"] == 2
    assert error["reason"].startswith(reason)


def test_a_row_that_is_not_utf_8_is_named(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient
) -> None:
    found = imported(imports, s3, csv(row(1, sku="té"), row(2)).replace(b"\xc3\xa9", b"\xe9"))
    assert found["errors"] == [{"row": 1, "reason": "the line is not UTF-8"}]
    assert found["placed"] == 1


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + csv(row(1)),
        csv(row(1), end="\r\n"),
        csv(row(1)).rstrip(),
        csv(*f"\n{row(1)}\n\n".split("\n")),
        csv(row(1).replace(CUSTOMER, f'"{CUSTOMER}"')),
        csv(",".join(reversed(row(1).split(","))), header=",".join(reversed(COLUMNS.split(",")))),
    ],
    ids=["byte order mark", "CRLF", "no last end of line", "empty lines", "quotes", "other order"],
)
def test_files_as_programs_write_them_are_read(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient, content: bytes
) -> None:
    found = imported(imports, s3, content)
    assert (found["rows"], found["placed"]) == (1, 1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (csv(), "the file has no rows"),
        (csv(row(1), header=COLUMNS.replace("sku", "article")), "the header must be"),
        (csv(row(1), header=COLUMNS + ",sku"), "the header must be"),
        (csv(row(1)).replace(b",", b";"), "the header must be"),
        (csv(row(1)).decode().encode("utf-16"), "the header cannot be read"),
        (b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(range(256)) * 50, "the header"),
        (b"x" * 100_000, "the header cannot be read"),
    ],
)
def test_a_file_that_is_no_import_is_reported_and_not_repeated(
    imports: ModuleType, s3: S3Client, table: DynamoDBClient, content: bytes, reason: str
) -> None:
    found = imported(imports, s3, content)
    assert found["error"].startswith(reason)
    assert (found["rows"], stored(table)) == (0, 0)


cells = st.text(st.sampled_from('a1,;"\t \r\x00é\ufeff'), max_size=60).map(str.encode)


@examples
@given(st.lists(cells | st.binary(max_size=60) | st.just(row(1).encode()), max_size=20))
def test_whatever_lines_a_file_has_each_is_a_row_or_named(
    imports: ModuleType, lines: list[bytes]
) -> None:
    content = b"\n".join([COLUMNS.encode(), *lines, row(1).encode()])
    kept = [line for line in content.split(b"\n")[1:] if line.strip()]
    logic = sys.modules["imports.logic"]
    found = [*logic.rows(io.BytesIO(content))]
    assert [each.number for each in found] == [*range(1, len(kept) + 1)]
    good = [number for number, line in enumerate(kept, 1) if line.rstrip() == row(1).encode()]
    assert [each.number for each in found if isinstance(each.row, Row)] == good
    # Whoever goes on behind any row reads the same.
    for done in found:
        rest = [*logic.rows(io.BytesIO(content), done.number, done.end)]
        assert rest == found[done.number :]
