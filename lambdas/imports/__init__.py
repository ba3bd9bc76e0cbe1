"""Orders by upload: a partner's file of rows becomes orders, and a report."""

import shared  # noqa: F401 - first of all, as it makes what follows quicker
