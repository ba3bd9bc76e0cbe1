"""Reads the rows of a CSV file, one line after the other."""

import csv
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

from pydantic import ValidationError

from imports.errors import FileRefusedError, LineError
from imports.models import Row
from shared.problems import in_words

COLUMNS = tuple(Row.model_fields)
# Ten times what a row of the longest fields has.
MOST_LINE_BYTES = 8_192


class Read(NamedTuple):
    """A row with its number, from 1 on, and the byte behind it; or what is wrong with the row."""

    number: int
    row: Row | str
    end: int


def rows(file: BinaryIO, done: int = 0, position: int = 0) -> Iterator[Read]:
    """Read the rows, from the byte at `position` on when so many are `done`.

    A row is a line: a quote that is never closed spoils its own row, and not the rest of the file.

    Raises:
        FileRefusedError: for a file without a row, or without the right header.
    """
    line, start = next(_lines(file, 0), (b"", 0))
    columns = _header(line)
    if done:
        file.seek(position)
        start = position
    number = done
    for number, (line, end) in enumerate(_lines(file, start), done + 1):
        yield Read(number, _row(columns, line), end)
    if not number:
        raise FileRefusedError("the file has no rows")


def _lines(file: BinaryIO, end: int) -> Iterator[tuple[bytes, int]]:
    """Return the lines that are not empty, and where each ends; one that is too long is cut."""
    while line := file.readline(MOST_LINE_BYTES):
        rest = line
        end += len(rest)
        while len(rest) == MOST_LINE_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(MOST_LINE_BYTES)
            end += len(rest)
        if line.strip():
            yield line, end


def _header(line: bytes) -> Sequence[str]:
    if not line:
        raise FileRefusedError("the file is empty")
    wanted = ", ".join(COLUMNS)
    try:
        columns = _cells(line.removeprefix(b"\xef\xbb\xbf"))
    except LineError as error:
        raise FileRefusedError(f"the header cannot be read, wanted is {wanted}: {error}") from None
    if sorted(columns) != sorted(COLUMNS):
        raise FileRefusedError(f"the header must be, in any order: {wanted}")
    return columns


def _row(columns: Sequence[str], line: bytes) -> Row | str:
    try:
        cells = _cells(line)
        if len(cells) != len(columns):
            return f"the row has {len(cells)} fields, the header {len(columns)}"
        return Row.model_validate(dict(zip(columns, cells, strict=True)))
    except ValidationError as error:
        return in_words(error)
    except LineError as error:
        return str(error)


def _cells(line: bytes) -> list[str]:
    if len(line) == MOST_LINE_BYTES and not line.endswith(b"\n"):
        raise LineError(f"the line has more than {MOST_LINE_BYTES:,} bytes")
    try:
        return next(csv.reader([line.decode()], strict=True))
    except UnicodeDecodeError:
        raise LineError("the line is not UTF-8") from None
    except csv.Error as error:
        raise LineError(f"the line is not CSV: {error}") from None
