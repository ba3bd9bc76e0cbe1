"""Statistics of order events, minute by minute."""

import shared  # noqa: F401 - first of all, as it makes what follows quicker
