"""The bucket of uploads and reports."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from pydantic import Field

from imports.errors import FileRefusedError
from shared.aws import client
from shared.environment import Environment

# Some 250,000 rows, and about what a function writes in its 15 minutes.
MOST_BYTES = 25 * 1024 * 1024
CHUNK_BYTES = 256 * 1024


class Uploads(Environment):
    """Where files come in and reports go out."""

    bucket: str = Field(alias="UPLOADS_BUCKET_NAME")


uploads = Uploads.read()
s3 = client("s3")


@contextmanager
def opened(key: str) -> Iterator[BinaryIO]:
    """Open an uploaded file.

    It goes to /tmp first: S3 may close a connection that waits while rows are written to a table.

    Raises:
        FileRefusedError: for a file that is gone, or over 25 MiB.
    """
    try:
        answer = s3.get_object(Bucket=uploads.bucket, Key=key)
    except s3.exceptions.NoSuchKey:
        raise FileRefusedError("the file is gone") from None
    with TemporaryFile() as file:
        with closing(answer["Body"]) as body:
            if answer["ContentLength"] > MOST_BYTES:
                raise FileRefusedError(f"the file has more than {MOST_BYTES:,} bytes")
            for chunk in body.iter_chunks(CHUNK_BYTES):
                file.write(chunk)
        file.seek(0)
        yield file


def write_report(key: str, document: dict[str, Any]) -> None:
    """Write a file's report, in place of an earlier one."""
    s3.put_object(
        Bucket=uploads.bucket,
        Key=key,
        Body=json.dumps(document, indent=2).encode(),
        ContentType="application/json",
    )
