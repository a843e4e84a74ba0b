"""`suite-backup key show`: what a key is. It asks no repository."""

from __future__ import annotations

import argparse

from backup.cli import keyfiles, shown
from backup.cli.codes import Exit
from backup.cli.session import ROLES, Session
from backup.cli.words import _
from backup.engine.keykeeping.private_files import read_private


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", nargs="?", metavar="FILE", help=_("the key, instead of that of --keyfile"))


def run(session: Session, options: argparse.Namespace) -> int:
    key = session.read_key(options.key) if options.key else session.key
    name = options.key or session.settings.text("keyfile")
    path = keyfiles.as_file(name)
    text = read_private(path) if path else ""
    created = key.badge.created if key.badge else 0
    row = keyfiles.summary(key, text, name) | {"created": shown.stamp(created) if created else None}
    lines = [
        (_("Type"), _(ROLES[key.label])),
        (_("Label"), str(row["label"])),
        (_("Key"), str(row["key"])),
        (_("Repository"), str(row["repository"])),
        (_("Mark of the master key"), str(row["master"])),
        (_("Made"), shown.moment(created) if created else ""),
        (_("Passphrase"), shown.yes(row["passphrase"])),
        (_("Control code"), str(row["control"])),
    ]
    session.output.tell({"type": "summary", **row})
    if not session.output.is_json:
        session.output.table(("", ""), [line for line in lines if line[1]])
    return Exit.DONE
