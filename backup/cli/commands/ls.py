"""`suite-backup ls`: what a snapshot holds."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from backup.cli import nodes, opened
from backup.cli.codes import Exit
from backup.cli.failures import damage
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.errors import Damaged
from backup.engine.format.trees import DIRECTORY, Node


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("snapshot", metavar="SNAPSHOT[:PATH]", help=_("latest, an id, a source or NAME@DATE"))
    parser.add_argument("-l", "--long", action="store_true", help=_("with modes, owners, sizes and times"))
    parser.add_argument("-d", "--directly", action="store_true", help=_("only what lies in the folder itself"))


def run(session: Session, options: argparse.Namespace) -> int:
    chosen = opened.open_snapshot(session, options.snapshot)
    lost: list[Damaged] = list(chosen.catalogue.missing)

    def entries() -> Iterator[tuple[bytes, Node]]:
        if chosen.node["t"] != DIRECTORY:
            yield chosen.path, chosen.node
            return
        prefix = chosen.path + b"/" if chosen.path else b""
        for path, node in chosen.catalogue.walk(lambda _path, error: lost.append(error), chosen.node):
            if not options.directly or b"/" not in path:
                yield prefix + path, node

    if session.output.is_json:
        session.output.stream(nodes.row(path, node) for path, node in entries())
    else:
        for path, node in entries():
            session.output.answer(nodes.line(path, node) if options.long else nodes.name(path, node))
    for error in lost:
        session.output.warn(damage(error))
    return Exit.PARTLY if lost else Exit.DONE
