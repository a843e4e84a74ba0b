"""`suite-backup key combine`: a key again, from the lines of its sheet or from enough of its shares."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from backup.cli import keyfiles
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.session import ROLES, Session
from backup.cli.words import _
from backup.engine.errors import Damaged
from backup.engine.format import config, keyfile, layout
from backup.engine.format.keys import Key
from backup.engine.keykeeping import shares, sheet

_FIRST = layout.config_name(1)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="*", metavar="FILE", help=_("what was typed or scanned; else it is typed now"))
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help=_("the file to make, or -"))
    parser.add_argument("--shares", action="store_true", help=_("each line is the words of one share"))
    parser.add_argument("--protect", action="store_true", help=_("ask for a passphrase for the new key"))
    parser.add_argument("--protect-file", type=Path, metavar="FILE", help=_("the file that holds the new passphrase"))


def run(session: Session, options: argparse.Namespace) -> int:
    keyfiles.check_free(options.output)
    lines = [line for line in _lines(options.files) if line.strip()]
    if options.shares:
        raw = _of_the_store(session)
        prologue = layout.parse(raw, layout.CONFIG, None, _FIRST) if raw else None
        key = shares.combine(lines, prologue.repository if prologue else None, prologue.suite if prologue else None)
        if raw:
            _check(raw, key)
        text = keyfile.dump(key, keyfiles.new_passphrase(options.protect_file, options.protect))
    else:
        text = sheet.from_lines(lines)
        if keyfile.is_protected(keyfile.to_binary(text)):
            keyfiles.write(options.output, text)
            session.output.say(_("{file} holds the key; its passphrase is what it was").format(file=options.output))
            return Exit.DONE
        key = keyfile.load(text)
        if passphrase := keyfiles.new_passphrase(options.protect_file, options.protect):
            text = keyfile.dump(key, passphrase)
    keyfiles.write(options.output, text)
    if options.output != keyfiles.STREAM:
        session.output.summary(
            keyfiles.summary(key, text, options.output),
            _("{file} holds the {type} {id} again; its control code is {control}").format(
                file=options.output, type=_(ROLES[key.label]), id=key.key_id.hex(), control=keyfiles.control(text)
            ),
        )
    return Exit.DONE


def _lines(files: Sequence[str]) -> list[str]:
    if not files:
        if sys.stdin.isatty():
            sys.stderr.write(_("Type the lines, then Ctrl-D:") + "\n")
        return sys.stdin.read().splitlines()
    found: list[str] = []
    for path in files:
        try:
            found += Path(path).read_text().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise Failed(_("{path} can't be read: {why}").format(path=path, why=error)) from error
    return found


def _of_the_store(session: Session) -> bytes:
    """The first config of the store, which says of which repository it is: words alone don't."""
    return session.store.read(_FIRST) if session.settings.text("repository") else b""


def _check(raw: bytes, key: Key) -> None:
    """Raises Failed where it isn't this key that made the repository."""
    try:
        config.read(raw, key, _FIRST)
    except Damaged:
        raise Failed(_("these shares make no key of this repository: are they of another one?")) from None
