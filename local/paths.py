"""Where the project is, and where its state is: all that it makes is below one ignored folder."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
STATE = PROJECT / ".toolkit"
CACHE = STATE / "cache"
PULUMI = STATE / "pulumi"
PLANS = STATE / "plans"
LOCAL = STATE / "local"
EMULATOR_PYTHON = STATE / "emulator" / "bin" / "python"
DURABLE_PYTHON = STATE / "durable" / "bin" / "python"
