"""The nightly task that compares what imports reported with the orders that there are."""

import shared  # noqa: F401 - first of all, as it makes what follows quicker
