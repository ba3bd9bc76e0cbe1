"""Tells the warehouse which orders to send."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from shared.dead_letters import DeadLetters
from shared.deliveries import send_once
from shared.environment import Environment
from shared.events import Event, OrderConfirmed
from shared.messages import consume
from shared.observability import entry_point
from shipping.gateway import Gateway, SandboxGateway

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

KIND = "shipping"


class Places(Environment):
    """Where unreadable messages go."""

    dead_letters_url: str = Field(alias="SHIPPING_DEAD_LETTERS_QUEUE_URL")


dead_letters = DeadLetters(Places.read().dead_letters_url)
gateway: Gateway = SandboxGateway()


@entry_point
def notify(event: Mapping[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Have the confirmed order of each message sent; other events are not the warehouse's."""

    def tell(happened: Event) -> None:
        if isinstance(happened, OrderConfirmed):
            order = happened
            send_once(order.order_id, KIND, lambda key: gateway.notify(order, key), context)

    return consume(event, tell, dead_letters)
