"""`suite-backup recall`: snapshots that were forgotten, and haven't been deleted yet, stay after all."""

from __future__ import annotations

import argparse

from backup.cli import listing, saying
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.keeping.forget import recall

configure = saying.configure


def run(session: Session, options: argparse.Namespace) -> int:
    known = listing.read(session)
    if not known.forgotten:
        raise Failed(_("no snapshot is forgotten and still there"))
    found = saying.named(known.forgotten, options)
    recall(session.repository, found, now=session.clock(), why=options.why)
    saying.told(session, found, _("Snapshot {id} of {source} stays after all"))
    return Exit.DONE
