"""Clients of AWS services."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, overload

# Not boto3: its S3 transfers alone are a third of its import, and no function here uses them.
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.session import get_session

from shared.problems import BusyError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

# All attempts together end before the default timeout of a function, 10 seconds.
READ_SECONDS = 2
CONFIG = Config(
    connect_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 3},
)
TRANSIENT = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceException",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)


@overload
def client(service: Literal["dynamodb"]) -> "DynamoDBClient": ...
@overload
def client(service: Literal["events"]) -> "EventBridgeClient": ...
@overload
def client(service: Literal["lambda"]) -> "LambdaClient": ...
@overload
def client(service: Literal["s3"]) -> "S3Client": ...
@overload
def client(service: Literal["sqs"], *, wait_seconds: int = 0) -> "SQSClient": ...
@overload
def client(service: Literal["stepfunctions"]) -> "SFNClient": ...
def client(service: str, *, wait_seconds: int = 0) -> Any:
    """Make a client with short timeouts and standard retries; once, when a module is imported.

    An answer that comes after `wait_seconds` on purpose, as of a long poll, is not late.
    """
    # botocore reads AWS_DEFAULT_REGION only.
    region = os.environ.get("AWS_REGION")
    patience = Config(read_timeout=READ_SECONDS + wait_seconds)
    config = CONFIG.merge(patience)
    return get_session().create_client(service, region_name=region, config=config)


@contextmanager
def busy_when_throttled() -> Iterator[None]:
    """Ask to come back when a service throttles, fails or does not answer, after all retries.

    Raises:
        BusyError: with a `Retry-After` of a second.
    """
    try:
        yield
    except (ClientError, NoConnectionError, HTTPClientError) as error:
        if isinstance(error, ClientError) and error.response["Error"]["Code"] not in TRANSIENT:
            raise
        again = {"retry-after": "1"}
        raise BusyError("too much is going on, try again", headers=again) from error
