"""Metric math, as far as alarms here use it: arithmetic, comparisons, and a few functions.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html. A metric is
one number here, its latest; one without data is None, and so is what is made of it.
"""

import ast
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simpleeval import (
    DEFAULT_OPERATORS,
    EvalWithCompoundTypes,
    InvalidExpression,
)

Number = float | None
WORDS = {"AND": " and ", "&&": " and ", "OR": " or ", "||": " or "}


def divided(one: float, other: float) -> Number:
    """Divide; by zero there is no data."""
    return one / other if other else None


def filled(metric: Number, otherwise: float) -> float:
    """Return a number in place of no data."""
    return otherwise if metric is None else metric


def chosen(condition: Number, held: Number, otherwise: Number = None) -> Number:
    """Return one of two by a condition."""
    return held if condition else otherwise


def _over(function: Callable[[Sequence[float]], float]) -> Callable[..., float]:
    """Let a function take its numbers one by one, or as a list."""

    def over(*given: Any) -> float:
        numbers = given[0] if len(given) == 1 and isinstance(given[0], list) else given
        return function(numbers)

    return over


OPERATORS = {**DEFAULT_OPERATORS, ast.Div: divided, ast.BitXor: math.pow}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "ABS": abs,
    "AVG": _over(lambda numbers: sum(numbers) / len(numbers)),
    "CEIL": math.ceil,
    "FILL": filled,
    "FLOOR": math.floor,
    "IF": chosen,
    "MAX": _over(max),
    "MIN": _over(min),
    "SUM": _over(sum),
}


def value(queries: Sequence[Mapping[str, Any]], metric: Callable[[Any], Number]) -> Number:
    """Return what the queries of an alarm come to: the one among them that returns data.

    Raises:
        ValueError: for an expression of another kind.
    """
    by_id = {each["Id"]: each for each in queries}

    def of(query: Mapping[str, Any]) -> Number:
        if "Expression" not in query:
            return metric(query["MetricStat"])
        text = re.sub(r"&&|\|\||\b(AND|OR)\b", lambda word: WORDS[word[0]], query["Expression"])
        evaluator = EvalWithCompoundTypes(
            operators=OPERATORS, functions=FUNCTIONS, names=lambda node: of(by_id[node.id])
        )
        try:
            found = evaluator.eval(text)
        except TypeError:
            # Of a metric without data nothing can be made but by FILL.
            return None
        except (InvalidExpression, KeyError, SyntaxError) as error:
            raise ValueError(f"{query['Expression']} is not evaluated here: {error}") from None
        return None if found is None else float(found)

    return of(next(each for each in queries if each.get("ReturnData", True)))
