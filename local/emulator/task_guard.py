"""Runs a task's command, and ends it with the emulator, which holds the other end of the input.

Standard library only: it runs in the emulator's environment, without its packages.
"""

import os
import signal
import subprocess
import sys
import threading

# As a shell says that there is no such command.
NOT_FOUND = 127


def end_with_the_emulator() -> None:
    """End the whole process group, which is the container, when the emulator has ended."""
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)


def main(command: list[str]) -> int:
    """Run a command and return its exit code, as Docker tells it: 128 and the signal's number."""
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return NOT_FOUND
    signal.signal(signal.SIGTERM, lambda *_: os.kill(process.pid, signal.SIGTERM))
    threading.Thread(target=end_with_the_emulator, daemon=True).start()
    code = process.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    # At once: the thread that reads holds up an ordinary end.
    os._exit(main(sys.argv[1:]))
