"""How long things may take before somebody looks after them; Django's setting JOBS_TIMING changes them (seconds)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings


@dataclass(frozen=True)
class Timing:
    lease: timedelta = timedelta(seconds=30)
    """A worker that has not renewed its lease for so long is taken for dead."""
    beat: timedelta = timedelta(seconds=5)
    """How often the lease is renewed."""
    report: timedelta = timedelta(seconds=0.5)
    """How often progress is written at most."""
    patience: timedelta = timedelta(seconds=10)
    """How long a task that was told to stop may go on before it is interrupted."""
    grace: timedelta = timedelta(seconds=60)
    """How long after its limit a task is killed."""
    sweep: timedelta = timedelta(seconds=10)
    """How often the sweeper looks for what got stuck."""
    lost: timedelta = timedelta(seconds=10)
    """After so long, a waiting job whose queue is empty was lost on its way."""
    backoff: timedelta = timedelta(seconds=10)
    """Before the second attempt; doubled before each one that follows, up to ten minutes."""

    def pause(self, failures: int) -> timedelta:
        """How long to wait after so many failures."""
        return min(self.backoff * pow(2.0, failures - 1), timedelta(minutes=10))


TIMING = Timing(**{name: timedelta(seconds=value) for name, value in getattr(settings, "JOBS_TIMING", {}).items()})
