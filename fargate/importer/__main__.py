"""Works on one job at a time until it is told to end."""

import signal
import sys

from importer.worker import Worker
from imports.job import ImportJob
from shared.observability import logger


def main() -> int:
    """Work until SIGTERM; what is under way is checkpointed and given back."""
    worker = Worker.of([ImportJob()])
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    logger.info("worker began")
    worker.work()
    logger.info("worker ended")
    return 0


if __name__ == "__main__":
    sys.exit(main())
