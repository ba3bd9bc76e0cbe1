"""Reads what a stage holds, past all faults."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.aws import client
from local.chaos.count import Found, Letter, Payment, Reservation
from local.logs import lines

DEPTHS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
# Longer than any run: a dead letter that was read is not read again.
HIDDEN_SECONDS = 12 * 3_600
MARKER = "event#"
REASONS = ("Reason", "ErrorMessage")


@dataclass
class Observer:
    """Looks at a running stage with the emulator's root credentials."""

    endpoint: str
    outputs: Mapping[str, Any]
    letters: list[Letter] = field(default_factory=list)

    def items(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield each item of a table, by its name among the outputs, with plain values."""
        pages = client(self.endpoint, "dynamodb").get_paginator("scan")
        for page in pages.paginate(TableName=self.outputs[f"{table}_table_name"]):
            for item in page["Items"]:
                yield {name: _plain(value) for name, value in item.items()}

    def open_orders(self) -> int:
        """Return how many orders have not ended: no others are in this index."""
        pages = client(self.endpoint, "dynamodb").get_paginator("scan")
        table = self.outputs["orders_table_name"]
        found = pages.paginate(TableName=table, IndexName="by_open", Select="COUNT")
        return sum(page["Count"] for page in found)

    def orders_of(self, customer_id: str) -> list[str]:
        """Return the ids of a customer's orders."""
        return [
            item["order_id"]
            for item in self.items("orders")
            if item.get("customer_id") == customer_id
        ]

    def found(self) -> Found:
        """Read everything; dead letters that were read before are remembered."""
        self._read_letters()
        counted, sums = self._statistics()
        return Found(
            # What poison made is no order.
            orders={i["order_id"]: i["status"] for i in self.items("orders") if "status" in i},
            payments={
                item["order_id"]: Payment(
                    status=item["status"],
                    charges=item.get("charges", 0),
                    refunds=item.get("refunds", 0),
                )
                for item in self.items("payments")
            },
            reservations={
                item["order_id"]: Reservation(
                    status=item["status"],
                    lines={line["sku"]: line["quantity"] for line in item["lines"]},
                )
                for item in self.items("reservations")
            },
            available={item["sku"]: item["available"] for item in self.items("inventory")},
            delivered=self._delivered(),
            counted=counted,
            sums=sums,
            letters=tuple(self.letters),
        )

    def quiet(self) -> bool:
        """Whether no order is open, nothing is in a queue, and no workflow runs."""
        if self.open_orders():
            return False
        if any(int(attributes[depth]) for _, attributes in self._sources() for depth in DEPTHS):
            return False
        running = client(self.endpoint, "stepfunctions").list_executions(
            stateMachineArn=self.outputs["fulfilment_arn"], statusFilter="RUNNING"
        )
        return not running["executions"]

    def _sources(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Yield the queues that are worked on, with their attributes."""
        for url, attributes in self._queues():
            if "RedrivePolicy" in attributes and url != self.outputs["events_queue_url"]:
                yield url, attributes

    def _queues(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        sqs = client(self.endpoint, "sqs")
        for url in sqs.list_queues().get("QueueUrls", []):
            yield url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

    def sendings(self) -> Counter[str]:
        """Return how often each mail and each notice was sent, as the gateways wrote it."""
        found: Counter[str] = Counter()
        for name in ("send-confirmation", "notify-shipping"):
            for _, event in lines(self.endpoint, name):
                try:
                    found[json.loads(event["message"])["idempotency_key"]] += 1
                except (ValueError, KeyError, TypeError):
                    continue
        return found

    def _delivered(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for item in self.items("deliveries"):
            # Without it, the delivery is claimed and not yet done.
            if "sent_at" in item:
                found[item["order_id"]].add(item["kind"])
        return dict(found)

    def _statistics(self) -> tuple[dict[str, set[str]], Counter[str]]:
        counted: dict[str, set[str]] = defaultdict(set)
        sums: Counter[str] = Counter()
        for item in self.items("statistics"):
            if item["id"].startswith(MARKER):
                order_id, _, kind = item["id"].removeprefix(MARKER).rpartition("#")
                counted[order_id].add(kind)
            else:
                sums.update({k: n for k, n in item.items() if k.startswith("Order")})
        return dict(counted), sums

    def _read_letters(self) -> None:
        """Read what is in all queues that nothing works on."""
        sqs = client(self.endpoint, "sqs")
        for url, attributes in self._queues():
            if "RedrivePolicy" in attributes:
                continue
            queue = url.rsplit("/", 1)[1].rsplit("-", 2)[0].removesuffix("-dead-letters")
            while messages := sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                VisibilityTimeout=HIDDEN_SECONDS,
            ).get("Messages"):
                self.letters += [_letter(queue, message) for message in messages]


def _letter(queue: str, message: Mapping[str, Any]) -> Letter:
    attributes = message.get("MessageAttributes", {})
    # Ours, and what Lambda says of an asynchronous event.
    said: Mapping[str, str] = next(
        (attributes[name] for name in REASONS if name in attributes), {}
    )
    return Letter(queue=queue, body=message["Body"], reason=said.get("StringValue", ""))


def _plain(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return int(content) if content.lstrip("-").isdigit() else float(content)
        case "L":
            return [_plain(each) for each in content]
        case "M":
            return {name: _plain(each) for name, each in content.items()}
    return content
