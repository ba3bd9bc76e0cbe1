"""What the environment of code may hold: addresses and settings, no secrets."""

import re
from collections.abc import Iterable, Iterator

from components.core.checks import matches, when

SECRET = re.compile(
    r"(SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)", re.IGNORECASE
)
# A name may say where a secret is.
ADDRESS = re.compile(r"_(ARN|NAME|ID|PATH|URL)$", re.IGNORECASE)


def key_mistake(key: str) -> str | None:
    """Allow the name of a variable."""
    return matches("environment key", key, r"[A-Za-z]\w+", "a letter, then letters, digits and _")


def environment_mistakes(keys: Iterable[str]) -> Iterator[str | None]:
    """Return what is wrong with the names of plain variables."""
    for key in keys:
        yield key_mistake(key)
        yield when(
            bool(SECRET.search(key)) and not ADDRESS.search(key),
            f"environment key is {key!r}: allowed is no secret, but its address, such as "
            f"{key}_ARN",
        )
