"""`suite-backup hold`: nobody forgets these snapshots until they are released."""

from __future__ import annotations

import argparse

from backup.cli import listing, saying
from backup.cli.codes import Exit
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.keeping.forget import hold

configure = saying.configure


def run(session: Session, options: argparse.Namespace) -> int:
    found = saying.named(listing.read(session).snapshots, options)
    hold(session.repository, found, now=session.clock(), why=options.why)
    saying.told(session, found, _("Snapshot {id} of {source} is held: nobody forgets it"))
    return Exit.DONE
