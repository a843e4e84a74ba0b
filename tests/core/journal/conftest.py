"""A journal with a few acts in it."""

from __future__ import annotations

import pytest

from core import audit
from core.access.demo import World


@pytest.fixture
def acts(world: World) -> None:
    """Two acts in the study, one elsewhere, one that belongs to no project."""
    audit.record(world.user["member"], "jobs.job_submitted", world.project, project=world.project, reason="=1+1")
    audit.record(world.user["owner"], "audit.journal_exported", world.project, project=world.project, outcome="failed")
    audit.record(world.user["stranger"], "audit.journal_read", world.elsewhere, project=world.elsewhere)
    audit.record(world.user["stranger"], "accounts.signed_in", world.user["stranger"])
