"""Tells customers how their orders ended."""

import shared  # noqa: F401 - first of all, as it makes what follows quicker
