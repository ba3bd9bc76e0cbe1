"""The container that works on jobs over the limits of a function."""

import shared  # noqa: F401 - first of all, as it makes what follows quicker
