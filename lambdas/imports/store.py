"""The bucket of uploads and reports."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from botocore.exceptions import ClientError
from pydantic import Field

from imports.errors import FileGoneError, FileReplacedError
from imports.models import Upload
from shared.aws import client
from shared.environment import Environment

# One request reads as much: what an import holds of its file, however large that is.
RANGE_BYTES = 1024 * 1024
# S3 tells who may not list the bucket that a missing file is denied.
GONE = frozenset({"403", "404", "AccessDenied", "NoSuchKey"})
REPLACED = "PreconditionFailed"


class Uploads(Environment):
    """Where files come in and reports go out."""

    bucket: str = Field(alias="UPLOADS_BUCKET_NAME")


uploads = Uploads.read()
s3 = client("s3")


@dataclass(frozen=True)
class Found:
    """An upload, and where its sender wants it to be imported."""

    upload: Upload
    run_on: str | None


def find(key: str) -> Found:
    """Return what is uploaded under a key.

    Raises:
        FileGoneError: when there is nothing.
    """
    try:
        answer = s3.head_object(Bucket=uploads.bucket, Key=key)
    except ClientError as error:
        raise _named(error) from error
    upload = Upload(key=key, etag=answer["ETag"], size=answer["ContentLength"])
    return Found(upload, answer["Metadata"].get("run-on"))


@contextmanager
def opened(upload: Upload) -> Iterator[BinaryIO]:
    """Open an uploaded file, to be read from any byte on.

    It is read in ranges: S3 may close a connection that waits while rows are written to a table,
    and who goes on with an import begins in the midst.
    """
    with io.BufferedReader(_Ranges(upload), RANGE_BYTES) as file:
        yield cast("BinaryIO", file)


class _Ranges(io.RawIOBase):
    """A file in the bucket; raises FileRefusedError when it is not the one that was uploaded."""

    def __init__(self, upload: Upload) -> None:
        super().__init__()
        self._upload = upload
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET:
            raise io.UnsupportedOperation("only from the start")
        self._position = offset
        return offset

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        end = min(self._position + len(buffer), self._upload.size)
        if self._position >= end:
            return 0
        try:
            answer = s3.get_object(
                Bucket=uploads.bucket,
                Key=self._upload.key,
                Range=f"bytes={self._position}-{end - 1}",
                IfMatch=self._upload.etag,
            )
        except ClientError as error:
            raise _named(error) from error
        body = answer["Body"].read()
        buffer[: len(body)] = body
        self._position += len(body)
        return len(body)


def _named(error: ClientError) -> Exception:
    code = error.response["Error"]["Code"]
    if code in GONE:
        return FileGoneError("the file is gone")
    if code == REPLACED:
        return FileReplacedError("the file was replaced by another upload")
    return error


def write_report(key: str, document: dict[str, Any]) -> None:
    """Write a file's report, in place of an earlier one."""
    s3.put_object(
        Bucket=uploads.bucket,
        Key=key,
        Body=json.dumps(document, indent=2).encode(),
        ContentType="application/json",
    )
