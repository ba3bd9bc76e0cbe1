"""The review of orders by a person: it waits for days, and decides once."""

import shared  # noqa: F401 - first of all, as it makes what follows quicker
