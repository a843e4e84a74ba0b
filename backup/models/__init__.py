"""What the portal knows of backups; what is in them only the key opens."""

from backup.models.agents import Agent
from backup.models.alerts import Alert
from backup.models.plans import Plan
from backup.models.repositories import Repository
from backup.models.restores import Restore
from backup.models.runs import Run, RunLine
from backup.models.sends import FileRequest, Send, SendFetch, SendPiece
from backup.models.snapshots import Snapshot

__all__ = [
    "Agent",
    "Alert",
    "FileRequest",
    "Plan",
    "Repository",
    "Restore",
    "Run",
    "RunLine",
    "Send",
    "SendFetch",
    "SendPiece",
    "Snapshot",
]
