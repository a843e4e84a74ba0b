"""`suite-backup dump`: a file of a snapshot, or a folder as an archive, to a pipe."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import BinaryIO

from backup.cli import opened, reasons, shown
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.opened import Opened
from backup.cli.session import Session
from backup.cli.settings import readers
from backup.cli.words import _
from backup.engine.format.trees import DIRECTORY, FILE
from backup.engine.reading import archive, tar
from backup.engine.reading.ahead import content

ARCHIVES = {"tar": tar.write, "zip": archive.write}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("snapshot", metavar="SNAPSHOT[:PATH]", help=_("latest, an id, a source or NAME@DATE"))
    parser.add_argument("--archive", choices=sorted(ARCHIVES), help=_("as an archive; folders are a tar if not said"))
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help=_("where to; - is standard output"))


def run(session: Session, options: argparse.Namespace) -> int:
    chosen = opened.open_snapshot(session, options.snapshot)
    if options.output == "-":
        if sys.stdout.isatty():
            raise Failed(_("a terminal is no place for a dump: use --output FILE, or a pipe"))
        problems = _write(session, options, chosen, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        with _new(options.output) as out:
            try:
                problems = _write(session, options, chosen, out)
                out.flush()
            except BaseException:  # what isn't whole doesn't keep the name of what is
                Path(options.output).unlink()
                raise
    for problem in problems:
        session.output.warn(_("not restored: {why}").format(why=reasons.told(problem)))
    if options.output != "-":
        session.output.summary(
            {"file": options.output, "problems": problems}, _("{file} is written").format(file=options.output)
        )
    return Exit.PARTLY if problems else Exit.DONE


def _write(session: Session, options: argparse.Namespace, chosen: Opened, out: BinaryIO) -> list[str]:
    """What had to be left out. Raises Damaged where a single file isn't whole."""
    threads = readers(session.settings)
    if options.archive is None and chosen.node["t"] == FILE:
        out.writelines(content(chosen.catalogue, chosen.node, threads))
        return []
    if options.archive is None and chosen.node["t"] != DIRECTORY:
        raise Failed(_("{path} is neither a file nor a folder").format(path=shown.path(chosen.path)))
    total = chosen.snapshot.counts.bytes if not chosen.path else 0

    def watch(count: int) -> None:
        if session.output.bar is not None:
            session.output.bar.show(count, total, unit=shown.size)

    done = ARCHIVES[options.archive or "tar"](chosen.catalogue, out, path=chosen.path, workers=threads, progress=watch)
    return done.problems


def _new(path: str) -> BinaryIO:
    """A file that wasn't there, for its owner alone."""
    try:
        return os.fdopen(os.open(Path(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")
    except OSError as error:
        raise Failed(_("{path} can't be written: {why}").format(path=path, why=error.strerror)) from error
