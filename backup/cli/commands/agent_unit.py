"""`suite-backup agent unit`: print how systemd keeps the agent running."""

from __future__ import annotations

import argparse
import shutil
import sys

from backup.cli.codes import Exit
from backup.cli.session import Session
from backup.engine.agent.unit import unit


def configure(_parser: argparse.ArgumentParser) -> None:
    """It takes nothing."""


def run(session: Session, _options: argparse.Namespace) -> int:
    session.output.answer(unit(shutil.which("suite-backup") or sys.argv[0]))
    return Exit.DONE
