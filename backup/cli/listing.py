"""The snapshots of a repository, as far as they are sound, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backup.cli import shown
from backup.cli.failures import damage
from backup.cli.session import Session
from backup.engine.errors import Damaged
from backup.engine.format.snapshots import Snapshot
from backup.engine.history import History
from backup.engine.repository import Repository, in_order


@dataclass(frozen=True)
class Listing:
    repository: Repository
    history: History
    snapshots: Sequence[Snapshot]
    """Those that aren't forgotten, the newest last."""
    forgotten: Sequence[Snapshot]
    problems: Sequence[Damaged]

    def row(self, snapshot: Snapshot) -> dict[str, Any]:
        """A snapshot for programs."""
        return {
            "id": snapshot.id.hex(),
            "short": snapshot.id.hex()[:12],
            "source": snapshot.source,
            "host": snapshot.host,
            "time": shown.stamp(snapshot.finished),
            "started": shown.stamp(snapshot.started),
            "received": shown.stamp(snapshot.received),
            "paths": [shown.path(path) for path in snapshot.paths],
            "tags": list(self.history.tags_of(snapshot)),
            "held": snapshot.id in self.history.held,
            "writer": snapshot.head.author.hex(),
            "sequence": snapshot.head.sequence,
            **vars(snapshot.counts),
            **vars(snapshot.effort),
            "notes": dict(snapshot.notes),
        }


def read(session: Session) -> Listing:
    """What isn't sound is warned of, and hinders nothing that is."""
    repository = session.repository
    history = repository.history()
    found: list[Snapshot] = []
    problems: list[Damaged] = []
    for one in repository.examine(history):
        if isinstance(one, Damaged):
            session.output.warn(damage(one))
            problems.append(one)
        else:
            found.append(one)
    kept = [one for one in found if not history.is_forgotten(one)]
    forgotten = [one for one in found if history.is_forgotten(one)]
    return Listing(repository, history, in_order(kept), in_order(forgotten), problems)
