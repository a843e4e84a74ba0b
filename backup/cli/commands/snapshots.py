"""`suite-backup snapshots`: what was saved, the newest last."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from backup.cli import listing, shown, words
from backup.cli.codes import Exit
from backup.cli.listing import Listing
from backup.cli.parsing import Each, positive
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.format.snapshots import Snapshot


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", action=Each, metavar="NAME", help=_("only those of this source"))
    parser.add_argument("--host", action=Each, metavar="NAME", help=_("only those of this machine"))
    parser.add_argument("--tag", action=Each, metavar="TAG", help=_("only those with this tag"))
    parser.add_argument("--latest", type=positive, metavar="N", help=_("only the N newest of each source"))


def run(session: Session, options: argparse.Namespace) -> int:
    known = listing.read(session)
    chosen = _chosen(known, options)
    head = (_("Snapshot"), _("When"), _("Source"), _("Machine"), _("Files"), _("Size"), _("Added"), _("Tags"))
    columns = [_columns(known, one) for one in chosen]
    session.output.array(map(known.row, chosen), head, columns, right={4, 5, 6})
    return Exit.FAILED if known.problems else Exit.DONE


def _chosen(known: Listing, options: argparse.Namespace) -> Sequence[Snapshot]:
    found = [
        one
        for one in known.snapshots
        if (not options.source or one.source in options.source)
        and (not options.host or one.host in options.host)
        and (not options.tag or set(options.tag) <= set(known.history.tags_of(one)))
    ]
    if options.latest is None:
        return found
    places = {id_: place for source in {one.source for one in found} for place, id_ in _newest_first(found, source)}
    return [one for one in found if places[one.id] < options.latest]


def _newest_first(found: Sequence[Snapshot], source: str) -> list[tuple[int, bytes]]:
    return list(enumerate(one.id for one in reversed(found) if one.source == source))


def _columns(known: Listing, snapshot: Snapshot) -> tuple[str, ...]:
    marks = [*known.history.tags_of(snapshot), *([_("(held)")] if snapshot.id in known.history.held else [])]
    return (
        snapshot.id.hex()[:12],
        shown.moment(snapshot.finished),
        snapshot.source,
        snapshot.host,
        words.number(snapshot.counts.files),
        shown.size(snapshot.counts.bytes),
        shown.size(snapshot.effort.added),
        " ".join(marks),
    )
