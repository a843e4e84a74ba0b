"""A snapshot opened to be read, and what in it is meant."""

from __future__ import annotations

from dataclasses import dataclass

from backup.cli import choosing, listing, shown
from backup.cli.failures import Failed
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.errors import Missing
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import Node
from backup.engine.reading.catalogue import Catalogue


@dataclass(frozen=True)
class Opened:
    catalogue: Catalogue
    path: bytes
    node: Node
    """What stands at the path; the root without one."""

    @property
    def snapshot(self) -> Snapshot:
        return self.catalogue.snapshot


def open_snapshot(session: Session, reference: str) -> Opened:
    """The snapshot and the path that `SNAPSHOT[:PATH]` means. Raises Failed where there is no such thing."""
    which, path = choosing.split(reference)
    known = listing.read(session)
    snapshot = choosing.among(known.snapshots, which)
    catalogue = Catalogue(session.repository, snapshot, known.history)
    try:
        return Opened(catalogue, path, catalogue.find(path))
    except Missing as error:
        raise Failed(
            _("{path} isn't in snapshot {id}: `suite-backup ls {id}` lists what is").format(
                path=shown.path(path), id=snapshot.id.hex()[:12]
            )
        ) from error
