"""Times the evaluation of copies of the service: python -m bench.evaluate KIND COPIES [tuned]."""

import asyncio
import gc
import sys
import time

import pulumi
from pulumi.runtime import mocks

from bench import service
from components.compute.runtime import PYTHON
from components.core.packaging import package_folder


class Answers(mocks.Mocks):
    """Answers each resource with a name and an ARN."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, object]]:
        """Return plausible outputs."""
        name = args.name
        outputs = {"name": name, "arn": f"arn:aws:s:r:1:{name}", "url": name, "version": "1"}
        return f"{name}-id", {**outputs, **args.inputs}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, object], list[tuple[str, str]]]:  # noqa: ARG002
        """Answer no function."""
        return {}, []


def main(kind: str, copies: int, *, tuned: bool) -> float:
    """Return how long the evaluation takes, in seconds."""
    write = service.with_components if kind == "components" else service.plainly
    asyncio.set_event_loop(asyncio.new_event_loop())
    mocks.set_mocks(Answers(), project="bench", stack="bench")

    def program() -> None:
        for n in range(copies):
            write(n)

    # Both use the same package; what packaging takes is not what is compared.
    package_folder(service.CODE, python=PYTHON)
    started = time.perf_counter()
    if tuned:
        # As __main__.py does in its first lines.
        gc.set_threshold(100_000, 50, 50)
    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.stdout.write(f"{main(sys.argv[1], int(sys.argv[2]), tuned='tuned' in sys.argv)}\n")
