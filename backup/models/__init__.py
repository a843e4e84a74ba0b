"""What the portal knows of backups; what is in them only the key opens."""

from backup.models.agents import Agent
from backup.models.alerts import Alert
from backup.models.plans import Plan
from backup.models.repositories import Repository
from backup.models.restores import Restore
from backup.models.runs import Run, RunLine
from backup.models.snapshots import Snapshot

__all__ = ["Agent", "Alert", "Plan", "Repository", "Restore", "Run", "RunLine", "Snapshot"]
