"""Steps that read and write one item of a table, without a function."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from components.core.checks import one_of
from components.core.links import Grant
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

    action: ClassVar[Literal["GetItem", "PutItem", "UpdateItem", "DeleteItem"]]
    members: ClassVar[Sequence[str]] = OF_WRITES
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

    def integration(self) -> str:
        return f"dynamodb:{self.action[0].lower()}{self.action[1:]}"

    def arguments(self) -> Mapping[str, Any]:
        return {"TableName": self.table.name, **self.item_or_key(), **self.request}

    def retries(self) -> Sequence[Retry]:
        return with_transient(self.retry, TRANSIENT)

    def grants(self) -> tuple[Grant, ...]:
        if self.action == "GetItem":
            return self.table.reader(self.action).grants
        return self.table.writer(self.action).grants


@dataclass(frozen=True, kw_only=True)
class KeyTask(TableTask):
    """A call about the item with a key."""

    key: Json

    def item_or_key(self) -> Mapping[str, Json]:
        return {"Key": self.key}


@dataclass(frozen=True, kw_only=True)
class GetItem(KeyTask):
    """A read of one item: `$states.result.Item`, which is missing when there is none."""

    action = "GetItem"
    members = (*OF_ALL, "ConsistentRead", "ProjectionExpression")


@dataclass(frozen=True, kw_only=True)
class PutItem(TableTask):
    """A write of a whole item, that replaces the one with its key."""

    action = "PutItem"

    item: Json

    def item_or_key(self) -> Mapping[str, Json]:
        return {"Item": self.item}


@dataclass(frozen=True, kw_only=True)
class UpdateItem(KeyTask):
    """A change of one item by an `UpdateExpression`; an item that is missing is made."""

    action = "UpdateItem"
    members = (*OF_WRITES, "UpdateExpression")


@dataclass(frozen=True, kw_only=True)
class DeleteItem(KeyTask):
    """A removal of one item; one that is missing is no error."""

    action = "DeleteItem"
