"""`suite-backup key passphrase`: protect a keyfile by a passphrase, by another one, or no more."""

from __future__ import annotations

import argparse
from pathlib import Path

from backup.cli import keyfiles
from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.format import keyfile


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", nargs="?", metavar="FILE", help=_("the key, instead of that of --keyfile"))
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--remove", action="store_true", help=_("leave the keyfile without a passphrase"))
    group.add_argument("--protect-file", type=Path, metavar="FILE", help=_("the file that holds the new passphrase"))


def run(session: Session, options: argparse.Namespace) -> int:
    name = options.key or session.settings.text("keyfile")
    path = keyfiles.as_file(name)
    if path is None:
        raise Failed(_("only a keyfile has a passphrase: name one"))
    key = session.read_key(name)
    text = keyfile.dump(key, "" if options.remove else keyfiles.new_passphrase(options.protect_file, wanted=True))
    keyfiles.replace(path, text)
    said = _("{file} is not protected any more") if options.remove else _("{file} opens with the new passphrase only")
    session.output.summary(keyfiles.summary(key, text, name), said.format(file=name))
    return Exit.DONE
