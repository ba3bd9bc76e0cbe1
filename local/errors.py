"""What the user is told, with what to do next."""


class LocalError(RuntimeError):
    """An error whose message is all that the user needs."""
