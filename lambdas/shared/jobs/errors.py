"""How the work on a job ends other than by being done."""


class JobRefusedError(Exception):
    """A job that can never be done, with its reason."""


class JobDoneError(Exception):
    """A job that was done before."""


class JobTakenError(Exception):
    """A job that another worker has a lease of, for so many seconds unless it renews it."""

    def __init__(self, job_id: str, seconds: float) -> None:
        super().__init__(f"{job_id} is being worked on for {seconds:g} s more")
        self.seconds = seconds


class LeaseLostError(Exception):
    """A worker that was away for so long that another has gone on with its job."""


class JobPausedError(Exception):
    """A job that had to stop; it goes on behind its checkpoint, after so many seconds."""

    def __init__(self, seconds: float = 0) -> None:
        super().__init__(f"it goes on in {seconds:g} s")
        self.seconds = seconds
