"""`suite-backup send`: a file, sealed, to somebody without account, or to who asked for it by a link."""

from __future__ import annotations

import argparse
import base64
import os
from collections.abc import Iterator
from pathlib import Path

from backup.cli import keyfiles, shown
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.parsing import positive
from backup.cli.session import Session
from backup.cli.suites import PIECE, Link, Suite, link_of
from backup.cli.words import _
from backup.engine.format import cipher
from backup.engine.format import layout as formats
from backup.engine.sealing import layout
from backup.engine.sealing.seal import About, Sealed, seal

TOKEN = "SUITE_BACKUP_TOKEN"  # noqa: S105


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help=_("the file to send"))
    parser.add_argument("to", metavar="TO", help=_("the link by which somebody asks for files, or a suite's address"))
    parser.add_argument("--project", metavar="NAME", help=_("the project in whose name it is sent"))
    parser.add_argument("--token-file", type=Path, metavar="FILE", help=_("the file that holds the token of the suite"))
    parser.add_argument("--days", type=positive, default=7, metavar="N", help=_("how long it can be fetched"))
    parser.add_argument("--most", type=positive, metavar="N", help=_("how often it can be fetched"))
    parser.add_argument("--message", default="", metavar="TEXT", help=_("what to say to who receives it"))
    parser.add_argument(
        "--protect", action="store_true", help=_("ask for a passphrase that is needed besides the link")
    )
    parser.add_argument("--protect-file", type=Path, metavar="FILE", help=_("the file that holds that passphrase"))


def run(session: Session, options: argparse.Namespace) -> int:
    link = link_of(options.to) if "#" in options.to else None
    if link is not None and not link.is_request:
        raise Failed(_("this link is for receiving a file, not for sending one"))
    if link is None and not options.project:
        raise Failed(_("in whose name? Say --project, or give the link by which somebody asks for files"))
    passphrase = keyfiles.new_passphrase(options.protect_file, options.protect)
    try:
        with options.file.open("rb") as source:
            status = os.fstat(source.fileno())
            about = About(options.file.name, status.st_size, modified=status.st_mtime_ns, message=options.message)
            sealed = seal(source, about, passphrase)
            told = _drop(session, link, sealed) if link else _send(session, options, sealed)
    except OSError as error:
        raise Failed(_("{path} can't be read: {why}").format(path=options.file, why=error.strerror)) from error
    words = _("sent; it has arrived sealed, and only who asked for it opens it") if link else told
    session.output.summary({"file": str(options.file), "size": sealed.size, "link": told}, words)
    return Exit.DONE


def _send(session: Session, options: argparse.Namespace, sealed: Sealed) -> str:
    """The whole link."""
    suite = Suite(options.to, _token(session, options))
    wanted = {"project": options.project, "size": sealed.size, "days": options.days, "most_fetches": options.most}
    row = suite.call("POST", "sends/", wanted)
    for number, piece in _pieces(session, sealed):
        suite.put(f"sends/{row['id']}/piece/{number}/", piece)
    suite.call("POST", f"sends/{row['id']}/finish/")
    return f"{options.to.rstrip('/')}/sealed/{row['link']}/#{sealed.fragment}"


def _drop(session: Session, link: Link, sealed: Sealed) -> str:
    """Nothing to tell: who asked for it has the key."""
    given, secret = layout.from_fragment(link.secret), layout.from_fragment(sealed.fragment)
    envelope = cipher.seal(formats.AES, given, "sealed file", link.name.encode(), secret)
    suite = Suite(link.base)
    wanted = {"size": sealed.size, "envelope": base64.b64encode(envelope).decode()}
    place = f"drops/{link.name}/{suite.call('POST', f'drops/{link.name}/', wanted)['token']}"
    for number, piece in _pieces(session, sealed):
        suite.put(f"{place}/piece/{number}/", piece)
    suite.call("POST", f"{place}/finish/")
    return ""


def _pieces(session: Session, sealed: Sealed) -> Iterator[tuple[int, bytes]]:
    waiting, number = b"", 0
    for block in sealed.blocks:
        waiting += block
        if len(waiting) >= PIECE:
            yield number, waiting[:PIECE]
            waiting, number = waiting[PIECE:], number + 1
            if session.output.bar is not None:
                session.output.bar.show(number * PIECE, sealed.size, unit=shown.size)
    if waiting:
        yield number, waiting


def _token(session: Session, options: argparse.Namespace) -> str:
    if options.token_file:
        try:
            return str(options.token_file.read_text()).strip()
        except OSError as error:
            raise Failed(
                _("{path} can't be read: {why}").format(path=options.token_file, why=error.strerror)
            ) from error
    if not (token := session.environment.get(TOKEN, "")):
        raise Failed(_("no token is given: use --token-file or SUITE_BACKUP_TOKEN"))
    return token
