"""Environment variables as typed objects."""

import os
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError


class MissingVariablesError(RuntimeError):
    """Variables that a function needs and was not given."""


class Environment(BaseModel):
    """The variables of one use, read once at import; what is missing or empty is named.

    A field's alias is its variable. A module reads only what it uses, so that a function needs no
    variable but those of the modules that it imports.
    """

    model_config = ConfigDict(frozen=True, str_min_length=1)

    @classmethod
    def read(cls) -> Self:
        """Read the variables of the process.

        Raises:
            MissingVariablesError: for a variable that is not set, or is empty or of another type.
        """
        try:
            return cls.model_validate(os.environ)
        except ValidationError as error:
            names = ", ".join(str(mistake["loc"][0]) for mistake in error.errors())
        # Outside the except block: the validation error would print the whole environment.
        raise MissingVariablesError(f"environment variables missing or wrong: {names}")
