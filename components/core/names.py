"""Names of components and of environment variables."""

import re

from components.core.checks import check, matches

# The shortest limit among the children's physical names is 64 characters (functions, roles,
# rules); a child adds its kind, and Pulumi eight characters of its own.
LONGEST = 40


def check_name(name: str) -> None:
    """Refuse a logical name that its children's physical names could not carry.

    Raises:
        ArgumentsError: unless it is 1 to 40 lower-case letters, digits and single hyphens.
    """
    check(
        matches(
            "name",
            name,
            rf"(?=.{{1,{LONGEST}}}$)[a-z][a-z0-9]*(-[a-z0-9]+)*",
            f"1 to {LONGEST} lower-case letters, digits and single hyphens, a letter first",
        )
    )


def variable(name: str, suffix: str) -> str:
    """Return a resource's variable: `orders`, `TABLE_NAME` → `ORDERS_TABLE_NAME`."""
    return f"{name}-{suffix}".replace("-", "_").upper()


def slug(text: str) -> str:
    """Return a text as part of a logical name: `GET /orders/{id}` → `get-orders-id`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
