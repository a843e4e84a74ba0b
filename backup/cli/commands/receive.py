"""`suite-backup receive`: the file of a link, verified block by block; it has its name only once it is whole."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from backup.cli import keyfiles, shown
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.session import Session
from backup.cli.suites import Suite, link_of
from backup.cli.words import _
from backup.engine.naming import give_name
from backup.engine.sealing.unseal import Opened, unseal

_NO_NAME = re.compile(r"[\0-\x1f\x7f-\x9f/\\\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

_HIDDEN = re.compile(r"\A[.\s]+")
"""What begins with a dot is read by programs at their start, and seen by nobody."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("link", metavar="LINK", help=_("the whole link, with what stands behind its #; - asks for it"))
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help=_("where to, instead of the name it has"))


def run(session: Session, options: argparse.Namespace) -> int:
    link = link_of(sys.stdin.readline() if options.link == "-" else options.link)
    if link.is_request:
        raise Failed(_("this link is for dropping files, not for receiving one"))
    suite = Suite(link.base)
    facts = suite.call("GET", f"sealed/{link.name}/")
    passphrase = _passphrase(session) if facts["is_protected"] else ""
    ticket = suite.call("POST", f"sealed/{link.name}/")["ticket"]
    fetched = Fetched(lambda number: suite.get(f"sealed/{link.name}/{ticket}/piece/{number}/"), facts["piece_count"])
    opened = unseal(fetched, link.secret, passphrase)
    target = options.output or Path(safe(opened.about.name))
    _write(session, opened, target)
    about = opened.about
    session.output.summary(
        {"file": str(target), "name": about.name, "size": about.size, "message": about.message},
        shown.line(about.message),
        _("{file} is whole: {size}").format(file=target, size=shown.size(about.size)),
    )
    return Exit.DONE


class Fetched:
    """The pieces in a row, as a file object."""

    def __init__(self, get: Callable[[int], bytes], count: int) -> None:
        self._coming: Iterator[bytes] = (get(number) for number in range(count))
        self._piece = b""

    def read(self, size: int, /) -> bytes:
        self._piece = self._piece or next(self._coming, b"")
        part, self._piece = self._piece[:size], self._piece[size:]
        return part


def safe(name: str) -> str:
    """A name in this folder, whatever it was called where it came from."""
    name = _HIDDEN.sub("", _NO_NAME.sub("_", name)).strip()
    return name.encode()[:200].decode(errors="ignore") or "file"


def _write(session: Session, opened: Opened, target: Path) -> None:
    """Nothing is overwritten, and what isn't whole has another name, which goes. Raises Failed."""
    if os.path.lexists(target):
        raise Failed(_("{file} is there already: say --output FILE").format(file=target))
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    done = 0
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as out:
            for part in opened.content:
                out.write(part)
                done += len(part)
                if session.output.bar is not None:
                    session.output.bar.show(done, opened.about.size, unit=shown.size)
        give_name(draft, target)
    except OSError as error:
        raise Failed(_("{path} can't be written: {why}").format(path=target, why=error.strerror)) from error
    finally:
        draft.unlink(missing_ok=True)


def _passphrase(session: Session) -> str:
    """Raises Failed where nobody can be asked."""
    path = session.settings.path("passphrase-file")
    if path is not None:
        return path.read_text().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Failed(_("this file is protected: give its passphrase by --passphrase-file"))
    return keyfiles.ask(_("Passphrase of the file"))
