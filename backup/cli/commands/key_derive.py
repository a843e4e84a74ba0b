"""`suite-backup key derive`: a key that may do one thing, signed by the master and let into the repository."""

from __future__ import annotations

import argparse
import platform
from pathlib import Path

from backup.cli import keyfiles
from backup.cli.codes import Exit
from backup.cli.parsing import written
from backup.cli.session import ROLES, Session
from backup.cli.words import _
from backup.engine.format import keyfile
from backup.engine.format.keys import Role

TYPES = tuple(role.name.lower() for role in Role if role is not Role.MASTER)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--master", required=True, metavar="FILE", help=_("the file of the master key"))
    parser.add_argument("--type", required=True, choices=TYPES, help=_("what the key may do"))
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help=_("the file to make; - is standard output")
    )
    parser.add_argument(
        "--label", type=written, default=platform.node(), metavar="TEXT", help=_("whose key it is, for lists")
    )
    parser.add_argument("--protect", action="store_true", help=_("ask for a passphrase for the new key"))
    parser.add_argument("--protect-file", type=Path, metavar="FILE", help=_("the file that holds the new passphrase"))


def run(session: Session, options: argparse.Namespace) -> int:
    keyfiles.check_free(options.output)
    passphrase = keyfiles.new_passphrase(options.protect_file, options.protect)
    repository = session.open_with(session.read_key(options.master))
    key = repository.derive(Role[options.type.upper()], label=options.label, now=session.clock())
    text = keyfile.dump(key, passphrase)
    keyfiles.write(options.output, text)
    if options.output != "-":
        session.output.summary(
            keyfiles.summary(key, text, options.output),
            _("{file} holds a new {type}, {id}").format(
                file=options.output, type=_(ROLES[key.label]), id=key.key_id.hex()
            ),
        )
    return Exit.DONE
