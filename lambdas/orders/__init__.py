"""The functions of orders: the customer's API, and the outbox."""

import shared  # noqa: F401 - first of all, as it makes what follows quicker
