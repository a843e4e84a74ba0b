"""`suite-backup rekey`: a new epoch: what is written from now on opens only for keys derived from now on."""

from __future__ import annotations

import argparse

from backup.cli.codes import Exit
from backup.cli.session import Session
from backup.cli.words import _


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--master", metavar="FILE", help=_("the file of the master key"))


def run(session: Session, options: argparse.Namespace) -> int:
    if options.master:
        session.key = session.read_key(options.master)
    after = session.repository.rekey(now=session.clock())
    session.output.summary(
        {"epoch": after.config.epoch.number, "config": after.config.number},
        _("Epoch {number} has begun. Nothing is written again; what is new opens for keys derived from now on").format(
            number=after.config.epoch.number
        ),
        _("Next: derive reader, lister, verifier and pruner keys anew. Writer keys stay as they are"),
    )
    return Exit.DONE
