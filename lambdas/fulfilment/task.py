"""Tasks of the workflow: typed input, plain output, and errors by name."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from fulfilment.errors import RefusalError
from fulfilment.models import OrderKey
from shared.observability import Handler, annotate, count, entry_point, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

Input = TypeVar("Input", bound=OrderKey)
Output: TypeAlias = dict[str, Any]


def task(model: type[Input]) -> Callable[[Callable[[Input], Output]], Handler]:
    """Give a task its typed input.

    What it raises is the error's name and cause in the workflow, which has a `Catch` for refusals.
    """

    def decorate(handle: Callable[[Input], Output]) -> Handler:
        @entry_point
        @wraps(handle)
        def handler(event: Mapping[str, Any], _context: "LambdaContext") -> Output:
            order = model.model_validate(event)
            annotate("order_id", order.order_id)
            try:
                output = handle(order)
            except RefusalError as refusal:
                name = type(refusal).__name__
                count(name)
                said = {"order_id": order.order_id, "error": name, "reason": str(refusal)}
                logger.info("refused", extra=said)
                raise
            logger.info("done", extra=output)
            return output

        return handler

    return decorate
