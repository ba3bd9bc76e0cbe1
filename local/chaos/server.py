"""The proxy of faults as a process of its own: microburst, with the draws of a seed.

Started with a listening socket, the emulator's address and a seed.
"""

import random
import socket
import sys
from collections import Counter
from typing import Any

from aiohttp import web
from microburst import forward
from microburst.app import make_app
from microburst.core.context import RequestContext
from microburst.core.pipeline import Microburst
from microburst.detection import host
from microburst.forward import Upstream
from microburst.rules import Decision, RuleEngine
from yarl import URL

# What is fired is asked for once, at the end.
KEPT_EVENTS = 100_000


class Engine(RuleEngine):  # type: ignore[misc]
    """Rules whose draws follow from seed, operation, and the number of the call to it."""

    def __init__(self, seed: str) -> None:
        super().__init__()
        self.seed = seed
        self.calls: Counter[str] = Counter()

    def decide(self, info: RequestContext) -> Decision | None:
        """Decide on one call; without rules none is counted."""
        if not self.rules:
            return None
        operation = f"{info.service}.{info.operation}"
        self.calls[operation] += 1
        # The library draws from the module's own generator, in one thread.
        random.seed(f"{self.seed}/{operation}/{self.calls[operation]}")
        return super().decide(info)


class AsSigned(Upstream):  # type: ignore[misc]
    """Forwards what clients have signed: the host they named, and the path as they quote it."""

    async def start(self) -> None:
        """Open the session to the emulator."""
        await super().start()
        request = self.session.request

        def verbatim(method: str, url: str, **options: Any) -> Any:
            return request(method, URL(url, encoded=True), **options)

        self.session.request = verbatim

    def _outbound_headers(self, request: Any) -> dict[str, str]:
        headers: dict[str, str] = super()._outbound_headers(request)
        return {**headers, "host": request.headers["Host"]}


def main(descriptor: int, upstream: str, seed: str) -> None:
    """Serve until the process is ended."""
    # To see that a host on this machine names no service, it would read all of botocore's models.
    host._endpoint_prefix_map = dict  # noqa: SLF001
    # AWS tells a body's length, and clients go by it.
    forward.HOP_BY_HOP -= {"content-length"}
    burst = Microburst(upstream, resign=False, fired_capacity=KEPT_EVENTS)
    burst.engine = Engine(seed)
    burst.upstream = AsSigned(upstream, stats=burst.stats)
    web.run_app(
        make_app(burst), sock=socket.socket(fileno=descriptor), print=None, access_log=None
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
