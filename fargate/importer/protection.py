"""Keeps ECS from ending a task that works, when a service scales in or is deployed."""

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.observability import logger

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
PATH = "/task-protection/v1/state"
# Work that goes on renews it in the middle of this; a worker that is gone blocks no longer.
MINUTES = 60
RENEWED_SECONDS = MINUTES * 60 / 2
TIMEOUT_SECONDS = 5


@dataclass
class Protection:
    """The protection of this task, by the ECS agent at `uri`; without one it does nothing.

    It is of use but not needed: a task that is ended goes on elsewhere behind its checkpoint.
    """

    uri: str | None = field(default_factory=lambda: os.environ.get("ECS_AGENT_URI"))
    _renewed_at: float = field(default=0, init=False)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Protect the task while a block runs."""
        self._set(on=True)
        try:
            yield
        finally:
            self._set(on=False)

    def renew(self) -> None:
        """Protect the task for longer, once half of the time is over."""
        if time.monotonic() - self._renewed_at > RENEWED_SECONDS:
            self._set(on=True)

    def _set(self, *, on: bool) -> None:
        if self.uri is None:
            return
        self._renewed_at = time.monotonic()
        wanted = {"ProtectionEnabled": on, **({"ExpiresInMinutes": MINUTES} if on else {})}
        request = urllib.request.Request(  # noqa: S310 - the agent's own address
            self.uri + PATH,
            data=json.dumps(wanted).encode(),
            headers={"Content-Type": "application/json"},
            method="PUT",
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
                pass
        except OSError:
            logger.exception("task protection failed", extra={"on": on})
