"""`suite-backup parity`: keep what mends objects that the store lets rot. It takes no key."""

from __future__ import annotations

import argparse

from backup.cli import reasons, shown
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.parsing import percent
from backup.cli.session import Session
from backup.cli.settings import readers
from backup.cli.words import _, ngettext
from backup.engine.keeping.protecting import Protected, add_parity, remove_parity


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--percent", type=percent, metavar="N", help=_("how much of it: 5 of a hundred if not said"))
    parser.add_argument("--remove", action="store_true", help=_("take all of it away"))
    parser.add_argument("--dry-run", action="store_true", help=_("say what would be done, and write nothing"))


def run(session: Session, options: argparse.Namespace) -> int:
    if options.remove and (options.dry_run or options.percent):
        raise Failed(_("--remove goes with nothing else"))
    amount = options.percent or session.parity or 5
    if options.remove:
        done = remove_parity(session.store)
        objects = ngettext("{count} object", "{count} objects", done.objects)
        line = _("Parity taken away: {objects}, {size}").format(objects=objects, size=shown.size(done.size))
    else:
        threads = readers(session.settings)
        done = add_parity(
            session.store, amount, workers=threads, dry_run=options.dry_run, progress=session.output.bytes_done
        )
        line = _line(done, dry_run=options.dry_run)
    for error in done.damaged:
        session.output.warn(_("damaged, and without parity: {why}").format(why=reasons.told(str(error))))
    row = {"objects": done.objects, "bytes": done.size, "before": done.before, "removed": options.remove}
    session.output.summary(row | {"dry_run": options.dry_run, "damaged": [one.name for one in done.damaged]}, line)
    return Exit.FAILED if done.damaged else Exit.DONE


def _line(done: Protected, *, dry_run: bool) -> str:
    objects = ngettext("{count} object", "{count} objects", done.objects)
    before = ngettext("{count} had it before", "{count} had it before", done.before)
    if dry_run:
        return _("Nothing was written. Parity would be added: {objects}; {before}").format(
            objects=objects, before=before
        )
    return _("Parity added: {objects}, {size}; {before}").format(
        objects=objects, size=shown.size(done.size), before=before
    )
