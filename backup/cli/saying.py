"""What is said of snapshots after they were made: which are meant, and what is told of it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from backup.cli import choosing
from backup.cli.parsing import written
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.format.snapshots import Snapshot


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("snapshots", nargs="+", metavar="SNAPSHOT", help=_("latest, an id, a source or NAME@DATE"))
    parser.add_argument("--why", type=written, default="", metavar="TEXT", help=_("a reason, kept with it"))


def named(among: Sequence[Snapshot], options: argparse.Namespace) -> list[Snapshot]:
    """Those of some snapshots that are meant, each once."""
    found = [choosing.among(among, which) for which in options.snapshots]
    return list({one.id: one for one in found}.values())


def told(session: Session, found: Sequence[Snapshot], line: str) -> None:
    session.output.summary(
        {"snapshots": [one.id.hex() for one in found]},
        *(line.format(id=one.id.hex()[:12], source=one.source) for one in found),
    )
