"""Steps that read and write one item of a table, without a function."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from components.core.checks import one_of
from components.core.links import Grant, Link
from components.data.table import Table
from components.workflow.errors import Retry, with_transient
from components.workflow.expressions import Json
from components.workflow.task import Task

TRANSIENT = Retry(
    errors=(
        "DynamoDB.InternalServerError",
        "DynamoDB.ProvisionedThroughputExceededException",
        "DynamoDB.RequestLimitExceeded",
        "DynamoDB.SdkClientException",
        "DynamoDB.ThrottlingException",
    ),
    max_attempts=6,
    max_delay_seconds=30,
)
OF_ALL = ("ExpressionAttributeNames", "ReturnConsumedCapacity")
OF_WRITES = (
    *OF_ALL,
    "ConditionExpression",
    "ExpressionAttributeValues",
    "ReturnItemCollectionMetrics",
    "ReturnValues",
    "ReturnValuesOnConditionCheckFailure",
)


@dataclass(frozen=True, kw_only=True)
class TableTask(Task):
    """A call of DynamoDB; items are in its own JSON: `{"id": {"S": "1"}}`.

    `request` is the rest of the request. Throttles are retried by themselves; a condition that
    does not hold is `DynamoDB.ConditionalCheckFailedException`.
    """

    members: ClassVar[Sequence[str]]
    """What a request may have besides the table and the item."""

    table: Table
    request: Mapping[str, Json] = field(default_factory=dict)

    def mistakes(self) -> Iterator[str | None]:
        yield from super().mistakes()
        for name in self.request:
            yield one_of("member of request", name, self.members)

    @abstractmethod
    def item_or_key(self) -> Mapping[str, Json]:
        """Return the member of the request that says which item."""

    @abstractmethod
    def link(self) -> Link:
        """Return the link that the call needs."""

    def arguments(self) -> Mapping[str, Any]:
        return {"TableName": self.table.name, **self.item_or_key(), **self.request}

    def retries(self) -> Sequence[Retry]:
        return with_transient(self.retry, TRANSIENT)

    def grants(self) -> tuple[Grant, ...]:
        return self.link().grants


@dataclass(frozen=True, kw_only=True)
class GetItem(TableTask):
    """A read of one item: `$states.result.Item`, which is missing when there is none."""

    members = (*OF_ALL, "ConsistentRead", "ProjectionExpression")

    key: Json

    def integration(self) -> str:
        return "dynamodb:getItem"

    def item_or_key(self) -> Mapping[str, Json]:
        return {"Key": self.key}

    def link(self) -> Link:
        return self.table.reader("GetItem")


@dataclass(frozen=True, kw_only=True)
class PutItem(TableTask):
    """A write of a whole item, that replaces the one with its key."""

    members = OF_WRITES

    item: Json

    def integration(self) -> str:
        return "dynamodb:putItem"

    def item_or_key(self) -> Mapping[str, Json]:
        return {"Item": self.item}

    def link(self) -> Link:
        return self.table.writer("PutItem")


@dataclass(frozen=True, kw_only=True)
class UpdateItem(TableTask):
    """A change of one item by an `UpdateExpression`; an item that is missing is made."""

    members = (*OF_WRITES, "UpdateExpression")

    key: Json

    def integration(self) -> str:
        return "dynamodb:updateItem"

    def item_or_key(self) -> Mapping[str, Json]:
        return {"Key": self.key}

    def link(self) -> Link:
        return self.table.writer("UpdateItem")


@dataclass(frozen=True, kw_only=True)
class DeleteItem(TableTask):
    """A removal of one item; one that is missing is no error."""

    members = OF_WRITES

    key: Json

    def integration(self) -> str:
        return "dynamodb:deleteItem"

    def item_or_key(self) -> Mapping[str, Json]:
        return {"Key": self.key}

    def link(self) -> Link:
        return self.table.writer("DeleteItem")
