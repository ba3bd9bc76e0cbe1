"""What no consumer can ever handle, for each of the ways in."""

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from local.aws import client
from local.chaos.count import Poison

UNKNOWN_VERSION = 99


class Poisoner:
    """Sends poison, one kind after the other, past all faults."""

    def __init__(self, endpoint: str, outputs: Mapping[str, Any]) -> None:
        self.endpoint = endpoint
        self.outputs = outputs
        self.sent: list[Poison] = []
        self._kinds: tuple[Callable[[str], Poison], ...] = (
            self._garbage_in_notifications,
            self._garbage_in_shipping,
            self._unknown_version_in_notifications,
            self._unknown_placed,
            self._unknown_confirmed,
            self._unknown_type,
            self._empty_placed,
            self._nobodys_placed,
            self._garbage_in_stream,
            self._bytes_in_stream,
            self._garbage_in_table,
        )

    @property
    def kinds(self) -> int:
        """How many kinds of poison there are."""
        return len(self._kinds)

    def send(self) -> Poison:
        """Send the next kind, under a marker of its own."""
        make = self._kinds[len(self.sent) % self.kinds]
        self.sent.append(make(str(uuid.uuid4())))
        return self.sent[-1]

    def _garbage_in_notifications(self, marker: str) -> Poison:
        self._to_queue("notifications", f"no event: {marker}")
        return Poison(title="garbage in a queue", marker=marker, queues=("notifications",))

    def _garbage_in_shipping(self, marker: str) -> Poison:
        self._to_queue("shipping", json.dumps({"garbage": [marker]}))
        return Poison(title="no event in a queue", marker=marker, queues=("shipping",))

    def _unknown_version_in_notifications(self, marker: str) -> Poison:
        detail = {"version": UNKNOWN_VERSION, "order_id": marker}
        event = {"source": "orders", "detail-type": "OrderConfirmed", "detail": detail}
        self._to_queue("notifications", json.dumps(event))
        return Poison(title="unknown version in a queue", marker=marker, queues=("notifications",))

    def _unknown_placed(self, marker: str) -> Poison:
        self._to_bus("OrderPlaced", {"version": UNKNOWN_VERSION, "order_id": marker})
        queues = ("fulfilment", "analytics")
        return Poison(title="unknown version of OrderPlaced", marker=marker, queues=queues)

    def _unknown_confirmed(self, marker: str) -> Poison:
        self._to_bus("OrderConfirmed", {"version": UNKNOWN_VERSION, "order_id": marker})
        queues = ("notifications", "shipping", "analytics")
        return Poison(title="unknown version of OrderConfirmed", marker=marker, queues=queues)

    def _unknown_type(self, marker: str) -> Poison:
        self._to_bus("OrderPondered", {"version": 1, "order_id": marker})
        return Poison(title="unknown type", marker=marker, queues=("analytics",))

    def _empty_placed(self, marker: str) -> Poison:
        self._to_bus("OrderPlaced", {"version": 1, "order_id": marker})
        queues = ("fulfilment", "analytics")
        return Poison(title="an event without its fields", marker=marker, queues=queues)

    def _nobodys_placed(self, marker: str) -> Poison:
        self._to_bus("OrderPlaced", {"version": 1, "garbage": marker})
        queues = ("fulfilment", "analytics")
        return Poison(title="an event of no order", marker=marker, queues=queues)

    def _garbage_in_stream(self, marker: str) -> Poison:
        self._to_stream(f"no event: {marker}".encode())
        return Poison(title="garbage in the stream", marker=marker, queues=("analytics",))

    def _bytes_in_stream(self, marker: str) -> Poison:
        data = b"\xff\xfe" + marker.encode()
        self._to_stream(data)
        told = base64.b64encode(data).decode()
        return Poison(title="no text in the stream", marker=told, queues=("analytics",))

    def _garbage_in_table(self, marker: str) -> Poison:
        item = {"order_id": {"S": marker}, "garbage": {"BOOL": True}}
        table = self.outputs["orders_table_name"]
        client(self.endpoint, "dynamodb").put_item(TableName=table, Item=item)
        return Poison(title="no order in the table", marker=marker, queues=("publish-orders",))

    def _to_queue(self, name: str, body: str) -> None:
        sqs = client(self.endpoint, "sqs")
        urls = sqs.list_queues(QueueNamePrefix=f"{name}-")["QueueUrls"]
        (url,) = (each for each in urls if "dead-letters" not in each)
        sqs.send_message(QueueUrl=url, MessageBody=body)

    def _to_bus(self, kind: str, detail: Mapping[str, Any]) -> None:
        entry = {
            "EventBusName": self.outputs["orders_bus_name"],
            "Source": "orders",
            "DetailType": kind,
            "Detail": json.dumps(detail),
        }
        client(self.endpoint, "events").put_events(Entries=[entry])

    def _to_stream(self, data: bytes) -> None:
        kinesis = client(self.endpoint, "kinesis")
        (name,) = kinesis.list_streams()["StreamNames"]
        kinesis.put_record(StreamName=name, Data=data, PartitionKey="poison")
