"""What holds for all tests."""

from pathlib import Path

from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(".toolkit/cache/hypothesis").absolute())
# No test depends on the time that it takes.
settings.register_profile("project", deadline=None)
settings.load_profile("project")
