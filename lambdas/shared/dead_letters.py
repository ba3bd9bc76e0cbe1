"""What can never be handled is put away, with its reason, where somebody finds it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.aws import client
from shared.observability import count, logger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef

# Less than the 1 MiB of a message, with room for its body.
REASON_CHARACTERS = 1_024


@dataclass(frozen=True)
class DeadLetters:
    """A queue of dead letters, by its URL."""

    url: str
    _sqs: "SQSClient" = field(default_factory=lambda: client("sqs"), repr=False)

    def put(self, body: Mapping[str, Any] | str, reason: str) -> None:
        """Send what arrived as it was, with the attribute `Reason`."""
        text = body if isinstance(body, str) else json.dumps(body)
        cut = reason[:REASON_CHARACTERS] or "unknown"
        said: MessageAttributeValueTypeDef = {"DataType": "String", "StringValue": cut}
        self._sqs.send_message(
            QueueUrl=self.url, MessageBody=text, MessageAttributes={"Reason": said}
        )
        count("PutAway")
        logger.error("put away", extra={"reason": cut})
