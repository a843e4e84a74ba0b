"""What the portal knows of backups; what is in them only the key opens."""

from backup.models.agents import Agent
from backup.models.alerts import Alert
from backup.models.allowances import Allowance
from backup.models.openings import Opening
from backup.models.plans import Plan
from backup.models.repositories import Repository
from backup.models.runs import Run, RunLine
from backup.models.sends import FileRequest, Send, SendFetch, SendPiece
from backup.models.snapshots import Snapshot

__all__ = [
    "Agent",
    "Alert",
    "Allowance",
    "FileRequest",
    "Opening",
    "Plan",
    "Repository",
    "Run",
    "RunLine",
    "Send",
    "SendFetch",
    "SendPiece",
    "Snapshot",
]
