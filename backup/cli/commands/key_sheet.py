"""`suite-backup key sheet`: a key on paper, to be typed or scanned again when all else is lost."""

from __future__ import annotations

import argparse
from datetime import datetime

from backup.cli import keyfiles, papers
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.keykeeping import sheet
from backup.engine.keykeeping.private_files import read_private
from backup.engine.stores.addresses import safe_url


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", nargs="?", metavar="FILE", help=_("the key, instead of that of --keyfile"))
    papers.configure(parser)


def run(session: Session, options: argparse.Namespace) -> int:
    path = keyfiles.as_file(options.key or session.settings.text("keyfile"))
    if path is None:
        raise Failed(_("only a keyfile can be printed: name one"))
    where = options.location or safe_url(session.settings.text("repository"))
    today = datetime.now().astimezone().date()
    papers.put(session, options, [sheet.draw(read_private(path), location=where, today=today)])
    return Exit.DONE
