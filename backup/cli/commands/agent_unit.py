"""`suite-backup agent unit`: print how systemd keeps the agent running."""

from __future__ import annotations

import argparse
import shutil
import sys

from backup.cli.codes import Exit
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.agent.unit import unit


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--freeze", action="store_true", help=_("for plans that save snapshots: it may mount"))


def run(session: Session, options: argparse.Namespace) -> int:
    session.output.answer(unit(shutil.which("suite-backup") or sys.argv[0], freeze=options.freeze))
    return Exit.DONE
