"""`suite-backup tag`: give tags to snapshots, or take them away."""

from __future__ import annotations

import argparse

from backup.cli import listing, saying
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.parsing import Each, written
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.format.snapshots import Snapshot
from backup.engine.keeping.forget import tag


def configure(parser: argparse.ArgumentParser) -> None:
    saying.configure(parser)
    parser.add_argument("--add", action=Each, type=written, default=[], metavar="TAG", help=_("a tag to give"))
    parser.add_argument("--remove", action=Each, default=[], metavar="TAG", help=_("a tag to take away"))
    parser.add_argument("--set", action=Each, type=written, metavar="TAG", help=_("the tags it has from now on"))


def run(session: Session, options: argparse.Namespace) -> int:
    if not (options.add or options.remove or options.set):
        raise Failed(_("say which tags: --add, --remove or --set"))
    known = listing.read(session)
    found = saying.named(known.snapshots, options)
    alike: dict[tuple[str, ...], list[Snapshot]] = {}
    for one in found:
        before = known.history.tags_of(one) if options.set is None else options.set
        after = [word for word in dict.fromkeys([*before, *options.add]) if word not in options.remove]
        alike.setdefault(tuple(after), []).append(one)
    for tags, some in alike.items():
        tag(session.repository, some, tags, now=session.clock(), why=options.why)
    saying.told(session, found, _("Snapshot {id} of {source} has its new tags"))
    return Exit.DONE
