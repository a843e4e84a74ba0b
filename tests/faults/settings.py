"""The suite as it is, with a task that leaves traces, and less patience."""

import os
from pathlib import Path

from core.config.settings import *  # noqa: F403
from tests.faults import shifted

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.effects"]  # noqa: F405
JOBS_TIMING = {"lease": 3, "beat": 0.5, "sweep": 0.5, "lost": 1, "backoff": 0.1, "patience": 1, "grace": 5}
if "FAULTS_CLOCK" in os.environ:
    shifted.by(Path(os.environ["FAULTS_CLOCK"]))
