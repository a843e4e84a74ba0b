"""`suite-backup find`: names in all snapshots, or in one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from backup.cli import choosing, listing, nodes, shown
from backup.cli.codes import Exit
from backup.cli.failures import damage
from backup.cli.parsing import Each, size
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.errors import Damaged
from backup.engine.format.snapshots import Snapshot
from backup.engine.format.trees import DIRECTORY, FILE, LINK, Node
from backup.engine.reading.catalogue import Catalogue
from backup.engine.reading.find import Query, find_in_all
from backup.engine.sources.patterns import Patterns

KINDS = {"file": FILE, "folder": DIRECTORY, "link": LINK}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("patterns", nargs="*", metavar="PATTERN", help=_("what fits, as in a .gitignore"))
    parser.add_argument("--snapshot", action=Each, metavar="SNAPSHOT", help=_("only there"))
    parser.add_argument("--source", action=Each, default=[], metavar="NAME", help=_("only those of this source"))
    parser.add_argument("--type", choices=sorted(KINDS), help=_("only of this kind"))
    parser.add_argument("--at-least", type=size, metavar="SIZE", help=_("files of this size or larger: 20M"))
    parser.add_argument("--at-most", type=size, metavar="SIZE", help=_("files of this size or smaller: 20M"))
    parser.add_argument("--since", type=choosing.start_of, metavar="TIME", help=_("changed then or later: 2026-11-01"))
    parser.add_argument("--before", type=choosing.start_of, metavar="TIME", help=_("changed before then: 2026-11-01"))
    parser.add_argument("-i", "--ignore-case", action="store_true", help=_("take small and large letters for the same"))


def run(session: Session, options: argparse.Namespace) -> int:
    known = listing.read(session)
    chosen = [choosing.among(known.snapshots, which) for which in options.snapshot or ()] or known.snapshots
    chosen = [one for one in chosen if not options.source or one.source in options.source]
    query = Query(
        patterns=Patterns(options.patterns, ignore_case=options.ignore_case) if options.patterns else None,
        kinds=frozenset([KINDS[options.type]] if options.type else ()),
        at_least=options.at_least,
        at_most=options.at_most,
        since=options.since,
        before=options.before,
    )
    lost: list[Damaged] = []

    def catalogues() -> Iterator[Catalogue]:
        for one in chosen:
            catalogue = Catalogue(known.repository, one, known.history)
            lost.extend(catalogue.missing)
            yield catalogue

    found = find_in_all(catalogues(), query, lambda _path, error: lost.append(error))
    if session.output.is_json:
        session.output.stream(_row(snapshot, path, node) for snapshot, (path, node) in found)
    else:
        for snapshot, (path, node) in found:
            when = shown.moment(snapshot.finished)
            session.output.answer(f"{snapshot.id.hex()[:12]}  {when}  {nodes.name(path, node)}")
    for error in lost:
        session.output.warn(damage(error))
    return Exit.PARTLY if lost else Exit.DONE


def _row(snapshot: Snapshot, path: bytes, node: Node) -> dict[str, Any]:
    where = {"snapshot": snapshot.id.hex(), "source": snapshot.source, "time": shown.stamp(snapshot.finished)}
    return where | nodes.row(path, node)
