"""A partner who uploads orders, some rows of them and one file with mistakes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.aws import client
from local.demo.orders import Kind
from local.demo.upload import rows

EACH_BAD = 10
ROW = Kind(title="row of an upload", lines={"tea-green": 1}, ends="CONFIRMED")
GARBAGE = b"\xff\xfe no rows \x00\n" * 10
FILES = ("rows", "garbage")


@dataclass
class Partner:
    """Uploads past all faults; what follows from it is under them."""

    endpoint: str
    outputs: Mapping[str, Any]
    count: int
    customer_id: str = "partner"
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)

    def upload(self) -> None:
        """Upload so many rows, every tenth with a mistake, and a file that is none."""
        document = rows(self.count, self.customer_id, "row", EACH_BAD).encode()
        for name, body in zip(FILES, (document, GARBAGE), strict=True):
            self._s3.put_object(Bucket=self._bucket, Key=f"imports/{name}.csv", Body=body)

    def reported(self) -> bool:
        """Whether there is a report on each file."""
        found = self._s3.list_objects_v2(Bucket=self._bucket, Prefix="reports/")
        for each in found.get("Contents", []):
            name = each["Key"].removeprefix("reports/").removesuffix(".json")
            answer = self._s3.get_object(Bucket=self._bucket, Key=each["Key"])
            self.reports[name] = json.load(answer["Body"])
        return self.reports.keys() >= set(FILES)

    def failures(self, orders: int) -> Iterator[str]:
        """Tell what is wrong with the reports, and with the number of orders that came of them."""
        bad = range(EACH_BAD, self.count + 1, EACH_BAD)
        good = self.count - len(bad)
        if orders != good:
            yield f"of {good} good rows of an upload, {orders} became orders"
        report = self.reports.get("rows", {})
        errors = report.get("errors", [])
        told = (report.get("placed"), [each["row"] for each in errors if each["reason"]])
        if told != (good, [*bad]):
            yield f"the report on an upload is wrong: {report or 'there is none'}"
        if not self.reports.get("garbage", {}).get("error"):
            yield f"a file that is none has no reason: {self.reports.get('garbage')}"

    @property
    def _bucket(self) -> str:
        name: str = self.outputs["uploads_bucket_name"]
        return name

    @property
    def _s3(self) -> Any:
        return client(self.endpoint, "s3")
