"""What the provider refuses."""


class UnsupportedError(RuntimeError):
    """Something that this provider, or its pulumi_aws, does not have."""


class PlanOnlyError(RuntimeError):
    """A call that needs an emulator, where there is none."""


class LeftBehindError(RuntimeError):
    """A creation that failed half way, and whose first half could not be removed."""
