"""What an agent tells the portal of a run."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from backup.engine.format import cipher
from backup.models import Plan
from tests.backup.agents.conftest import Machine


def begin(machine: Machine, plan: Plan, run: Any = None, **more: Any) -> Any:
    return machine.call("post", "runs/", {"id": str(run or uuid4()), "plan": str(plan.pk), **more})


def report(number: int, **more: Any) -> dict[str, Any]:
    return {"number": number, "files": number, "bytes": 10 * number, **more}


def line(number: int, text: str = "x") -> dict[str, Any]:
    return {"number": number, "at": "2026-11-01T02:30:00Z", "text": text}


def taken(name: str, raw: bytes, **more: Any) -> dict[str, Any]:
    """What an agent says of its snapshot."""
    return {
        "snapshot_id": cipher.digest(raw).hex(),
        "sequence": int(name.rpartition("/")[2], 16),
        "manifest": "ab" * 32,
        "source": "ward data",
        "host": "ward-3",
        "files": 12,
        "bytes": 3456,
        "added": 100,
        "fresh": 90,
        "dense": 5,
        "changed": 7,
        "unread": 0,
        "started_at": "2026-11-01T02:30:00Z",
        "finished_at": "2026-11-01T02:31:00Z",
        **more,
    }


def end(machine: Machine, run: str, number: int = 9, state: str = "done", **more: Any) -> Any:
    return machine.call("post", f"runs/{run}/end/", report(number, state=state, **more))
