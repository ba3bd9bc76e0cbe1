"""The step that works through thousands of items, each in an execution of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pulumi
from annotated_types import Interval

from components.core.checks import check, check_fields, matches, when
from components.core.links import Grant
from components.data.bucket import Bucket
from components.workflow.expressions import Json, is_expression, mistakes
from components.workflow.groups import ItemGroup
from components.workflow.state import everywhere, service_arn


@dataclass(frozen=True, kw_only=True)
class ItemReader:
    """Items of a bucket: what is in the object `key`, or the list of objects under `prefix`.

    Either may be an expression; then `pattern` says what may be read: one key, or `imports/*`.
    """

    bucket: Bucket
    key: str | None = None
    prefix: str | None = None
    pattern: str | None = None
    input_type: Literal["CSV", "JSON", "JSONL"] = "JSON"
    # https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
    max_items: Annotated[int, Interval(ge=1, le=100_000_000)] | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        name = self._name
        check(
            when(
                (self.key is None) == (self.prefix is None),
                f"key is {self.key!r} and prefix is {self.prefix!r}: allowed is one of them",
            ),
            when(
                is_expression(name) and self.pattern is None,
                f"pattern is None for the expression {name!r}: allowed is what may be read",
            ),
            *mistakes(name, "key or prefix"),
        )

    @property
    def _name(self) -> str:
        return self.prefix or "" if self.key is None else self.key

    def asl(self, partition: pulumi.Input[str]) -> dict[str, Any]:
        """Return the reader."""
        whole = self.key is not None
        call = "getObject" if whole else "listObjectsV2"
        config: dict[str, Any] = {"InputType": self.input_type} if whole else {}
        if whole and self.input_type == "CSV":
            config["CSVHeaderLocation"] = "FIRST_ROW"
        if self.max_items is not None:
            config["MaxItems"] = self.max_items
        return {
            "Resource": service_arn(partition, f"s3:{call}"),
            "Arguments": {"Bucket": self.bucket.name, "Key" if whole else "Prefix": self._name},
            **({"ReaderConfig": config} if config else {}),
        }

    def grants(self) -> tuple[Grant, ...]:
        """Return what it takes to read them."""
        ending = "" if self.key is not None else "*"
        return self.bucket.reader(self.pattern or f"{self._name}{ending}").grants


@dataclass(frozen=True, kw_only=True)
class ItemBatcher:
    """Items in batches: each execution gets `Items`, and `BatchInput` that all of them share."""

    # https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
    max_items: Annotated[int, Interval(ge=1, le=100_000_000)] | None = None
    max_bytes: Annotated[int, Interval(ge=1, le=262_144)] | None = None
    batch_input: Json = None

    def __post_init__(self) -> None:
        check_fields(self)
        none = self.max_items is None and self.max_bytes is None
        check(
            when(none, "max_items and max_bytes are None: allowed is one or both"),
            *mistakes(self.batch_input, "batch_input"),
        )

    def asl(self) -> dict[str, Any]:
        """Return the batcher."""
        given = {
            "MaxItemsPerBatch": self.max_items,
            "MaxInputBytesPerBatch": self.max_bytes,
            "BatchInput": self.batch_input,
        }
        return {key: value for key, value in given.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class ResultWriter:
    """Where results go that are too large to be an output: under a prefix of a bucket."""

    bucket: Bucket
    prefix: str

    def __post_init__(self) -> None:
        check(
            matches("prefix", self.prefix, r"[^*?${%]{1,900}", "1 to 900 characters as they are")
        )

    def asl(self, partition: pulumi.Input[str]) -> dict[str, Any]:
        """Return the writer."""
        return {
            "Resource": service_arn(partition, "s3:putObject"),
            "Arguments": {"Bucket": self.bucket.name, "Prefix": self.prefix},
        }

    def grants(self) -> tuple[Grant, ...]:
        """Return what it takes to write them, in parts, and to go on after a stop."""
        pattern = f"{self.prefix}*"
        return (*self.bucket.writer(pattern).grants, *self.bucket.reader(pattern).grants)


@dataclass(frozen=True, kw_only=True)
class DistributedMap(ItemGroup):
    """The same states for each item, as executions of their own, 10,000 at a time at most.

    Its states see no variables from outside. It fails with States.ExceedToleratedFailureThreshold
    when more items fail than `tolerated_failures` and `tolerated_failure_percent` allow.
    """

    closed = True

    reader: ItemReader | None = None
    batcher: ItemBatcher | None = None
    writer: ResultWriter | None = None
    # https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
    max_concurrency: Annotated[int, Interval(ge=1, le=10_000)] = 1_000
    tolerated_failures: Annotated[int, Interval(ge=0, le=100_000_000)] | None = None
    tolerated_failure_percent: Annotated[int, Interval(ge=0, le=100)] | None = None
    execution_type: Literal["STANDARD", "EXPRESS"] = "STANDARD"

    def mistakes(self) -> Iterator[str | None]:
        yield from super().mistakes()
        both = self.reader is not None and self.items is not None
        yield when(both, "items and reader are given: allowed is one of them")
        if self.execution_type == "EXPRESS":
            for state in everywhere(self.states):
                waits = state.not_in_express()
                yield waits and f"{state.name}: {waits}: allowed is in STANDARD executions"

    def asl(self, partition: pulumi.Input[str]) -> dict[str, Any]:
        given = {
            "ItemReader": self.reader and self.reader.asl(partition),
            "ItemBatcher": self.batcher and self.batcher.asl(),
            "ResultWriter": self.writer and self.writer.asl(partition),
            "ToleratedFailureCount": self.tolerated_failures,
            "ToleratedFailurePercentage": self.tolerated_failure_percent,
        }
        return {
            **super().asl(partition),
            **{key: value for key, value in given.items() if value is not None},
        }

    def processor(self) -> dict[str, Any]:
        return {"Mode": "DISTRIBUTED", "ExecutionType": self.execution_type}

    def grants(self) -> tuple[Grant, ...]:
        reading = self.reader.grants() if self.reader else ()
        return (*reading, *(self.writer.grants() if self.writer else ()))

    def not_in_express(self) -> str | None:
        return "a distributed map"
