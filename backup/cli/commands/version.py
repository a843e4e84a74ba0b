"""`suite-backup version`."""

from __future__ import annotations

import argparse
import platform

from backup.cli import VERSION
from backup.cli.codes import Exit
from backup.cli.session import Session
from backup.engine.format import layout


def configure(_parser: argparse.ArgumentParser) -> None:
    """It takes nothing."""


def run(session: Session, _options: argparse.Namespace) -> int:
    python = platform.python_version()
    row = {"version": VERSION, "format": layout.VERSION, "python": python}
    session.output.tell({"type": "summary", **row})
    if not session.output.is_json:
        session.output.answer(f"suite-backup {VERSION} (format {layout.VERSION}, Python {python})")
    return Exit.DONE
