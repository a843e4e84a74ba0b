"""What ends a job from outside, raised inside it where it reports progress."""

from __future__ import annotations


class Stop(Exception):
    """Not an error: let it pass through, after tidying up what the task itself made."""


class Cancelled(Stop):
    """Somebody who may asked for the job to stop, or its owner lost his place in the project."""


class Superseded(Stop):
    """The lease ran out and another worker has taken the job: nothing of this attempt counts any more."""


class TimeLimit(Stop):
    """The job took longer than its task allows."""
