"""`suite-backup release`: snapshots that were held may be forgotten again."""

from __future__ import annotations

import argparse

from backup.cli import listing, saying
from backup.cli.codes import Exit
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.keeping.forget import release

configure = saying.configure


def run(session: Session, options: argparse.Namespace) -> int:
    found = saying.named(listing.read(session).snapshots, options)
    release(session.repository, found, now=session.clock(), why=options.why)
    saying.told(session, found, _("Snapshot {id} of {source} may be forgotten again"))
    return Exit.DONE
