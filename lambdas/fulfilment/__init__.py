"""The tasks of fulfilment: payment and stock, and how they are undone. Each is safe to repeat."""

import shared  # noqa: F401 - first of all, as it makes what follows quicker
