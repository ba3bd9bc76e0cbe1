"""What can never be handled is put away, with its reason, where somebody finds it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.aws import client
from shared.observability import count, logger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef

# Together less than the 1 MiB of a message, whose attributes count too:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
BODY_BYTES = 1_000_000
REASON_CHARACTERS = 1_024
# What SQS takes in no message; one that it refused would block a stream.
REFUSED = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class DeadLetters:
    """A queue of dead letters, by its URL."""

    url: str
    _sqs: "SQSClient" = field(default_factory=lambda: client("sqs"), repr=False)

    def put(self, body: Mapping[str, Any] | str, reason: str) -> None:
        """Send what arrived as it was, with the attribute `Reason`.

        A text that SQS does not take is sent as a JSON string; what is too long is cut.
        """
        text = body if isinstance(body, str) else json.dumps(body)
        if not text or REFUSED.search(text):
            text = json.dumps(text)
        text = text.encode()[:BODY_BYTES].decode(errors="ignore")
        cut = REFUSED.sub("?", reason)[:REASON_CHARACTERS] or "unknown"
        said: MessageAttributeValueTypeDef = {"DataType": "String", "StringValue": cut}
        self._sqs.send_message(
            QueueUrl=self.url, MessageBody=text, MessageAttributes={"Reason": said}
        )
        count("PutAway")
        logger.error("put away", extra={"reason": cut})
