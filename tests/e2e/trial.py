"""Real files to try the suite with, where they are; otherwise small ones of our own."""

from __future__ import annotations

import os
from pathlib import Path

from core.embedded.folder import ROOT

DATA = Path(os.environ.get("SUITE_TRIAL_DATA", ROOT.parent / "shared" / "data"))

ACTS = {
    "ecrf.version_published",
    "ecrf.entry_saved",
    "ecrf.entries_exported",
    "datasets.version_published",
    "datasets.version_read",
    "lowcode.query_run",
    "datahub.notebook_run",
    "backup.snapshot_made",
    "backup.restored",
}
"""What the story leaves in the audit trail, however it is told."""


def dictionary() -> Path:
    """A REDCap data dictionary: the longitudinal test project's, or ours with the fields that the story fills in."""
    real = DATA / "ecrf" / "redcap" / "longitudinal" / "dictionary.csv"
    return real if real.exists() else Path(__file__).parent / "data" / "longitudinal.csv"
