"""Tells the warehouse what to send."""

import shared  # noqa: F401 - first of all, as it makes what follows quicker
