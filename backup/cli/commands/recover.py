"""`suite-backup recover`: snapshots of trees that no snapshot names any more."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from backup.cli import sampling, shown, words
from backup.cli.codes import Exit
from backup.cli.session import Session
from backup.cli.settings import readers
from backup.cli.words import _
from backup.engine.checking.recover import recover
from backup.engine.checking.sample import NOTHING
from backup.engine.checking.survey import survey


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--master", metavar="FILE", help=_("the file of the master key"))
    parser.add_argument("--dry-run", action="store_true", help=_("say what would be done, and write nothing"))


def run(session: Session, options: argparse.Namespace) -> int:
    if options.master:
        session.key = session.read_key(options.master)
    found = survey(session.repository, NOTHING, workers=readers(session.settings), progress=sampling.Watch(session))
    made = recover(found, clock=session.clock, dry_run=options.dry_run)
    session.output.tell({"type": "summary", "dry_run": options.dry_run, "recovered": [asdict(one) for one in made]})
    if not made:
        session.output.say(_("There is nothing to recover: every tree is in a snapshot"))
    elif not session.output.is_json and not session.output.is_quiet:
        head = (_("Snapshot"), _("Newest change"), _("Files"), _("Size"), _("Lost"))
        rows = [
            (
                one.snapshot[:12],
                shown.moment(one.newest),
                words.number(one.counts.files),
                shown.size(one.counts.bytes),
                words.number(len(one.lost)),
            )
            for one in made
        ]
        session.output.table(head, rows, right={2, 3, 4})
    return Exit.PARTLY if any(one.lost for one in made) else Exit.DONE
