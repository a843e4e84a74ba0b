"""`suite-backup key split`: a master key in the hands of several people, any few of whom make it again."""

from __future__ import annotations

import argparse
from datetime import datetime

from backup.cli import papers
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.parsing import positive
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.keykeeping import shares
from backup.engine.stores.addresses import safe_url


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--master", required=True, metavar="FILE", help=_("the file of the master key"))
    parser.add_argument("--shares", required=True, type=positive, metavar="N", help=_("how many shares there are"))
    parser.add_argument("--needed", required=True, type=positive, metavar="K", help=_("how many make the key again"))
    papers.configure(parser)


def run(session: Session, options: argparse.Namespace) -> int:
    where = options.location or safe_url(session.settings.text("repository"))
    today = datetime.now().astimezone().date()
    try:
        made = shares.split(session.read_key(options.master), options.needed, options.shares)
    except ValueError as error:
        raise Failed(_("a key is split into 2 to 16 shares, of which 2 or more are needed")) from error
    papers.put(session, options, [shares.draw(one, location=where, today=today) for one in made])
    return Exit.DONE
