"""What all functions share."""

import gc
import os

# A cold start makes very many objects that stay: looking for garbage among them is a tenth of it.
gc.set_threshold(100_000, 50, 50)
# Pydantic would look for plugins in every package that is installed.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
