"""Sheets of paper: to the printer as a page, or to the terminal as text."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from backup.cli import keyfiles
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.keykeeping import paper
from backup.engine.keykeeping.paper import Paper


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o", "--output", default="-", metavar="FILE", help=_("an HTML page to print; - is the terminal")
    )
    parser.add_argument("--location", default="", metavar="TEXT", help=_("where the repository is, in your words"))
    parser.add_argument("--dark", action="store_true", help=_("for a terminal that writes light on dark"))


def put(session: Session, options: argparse.Namespace, papers: Sequence[Paper]) -> None:
    """Nothing is printed with --json: a program has the keyfile."""
    if options.output != keyfiles.STREAM:
        keyfiles.check_free(options.output)
        keyfiles.write(options.output, paper.page(papers))
        session.output.summary(
            {"file": options.output},
            _("{file} is ready to be printed. Delete it then: who has it has the key").format(file=options.output),
        )
        return
    for one in papers:
        session.output.answer(paper.plain(one, dark=options.dark))
