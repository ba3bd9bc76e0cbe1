"""Tells customers how their orders ended."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from notifications.gateway import Gateway, SandboxGateway
from notifications.logic import notice
from shared.dead_letters import DeadLetters
from shared.deliveries import send_once
from shared.environment import Environment
from shared.events import Event
from shared.messages import consume
from shared.observability import entry_point

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


class Places(Environment):
    """Where unreadable messages go."""

    dead_letters_url: str = Field(alias="NOTIFICATIONS_DEAD_LETTERS_QUEUE_URL")


dead_letters = DeadLetters(Places.read().dead_letters_url)
gateway: Gateway = SandboxGateway()


@entry_point
def confirm(event: Mapping[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Tell the customer of each message's order how it ended."""

    def tell(happened: Event) -> None:
        if told := notice(happened):
            send_once(told.order_id, told.kind, lambda key: gateway.send(told, key), context)

    return consume(event, tell, dead_letters)
