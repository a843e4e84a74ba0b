"""`suite-backup policy`: what the account of a key may do in a bucket, as AWS reads it."""

from __future__ import annotations

import argparse
from urllib.parse import parse_qs, unquote, urlsplit

from backup.cli.codes import Exit
from backup.cli.failures import Failed
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.format.keys import Role

TYPES = tuple(role.name.lower() for role in Role)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--type", choices=TYPES, help=_("the type of the key, instead of that of --keyfile"))
    parser.add_argument("--key", metavar="KEY", help=_("the number of the key, whole, as `key show` tells it"))


def run(session: Session, options: argparse.Namespace) -> int:
    from backup.engine.stores.s3_policy import policy  # its libraries aren't everybody's

    parts = urlsplit(session.url)
    if parts.scheme != "s3":
        raise Failed(_("only a repository at s3://… has a policy"))
    if options.type:
        role, key = Role[options.type.upper()], _id(options.key) if options.key else None
    else:
        role, key = session.key.role, session.key.key_id
    _mode, _colon, days = parse_qs(parts.query).get("lock", [""])[0].partition(":")
    text = policy(parts.netloc, unquote(parts.path).strip("/"), role, key_id=key, lock_days=int(days or 0))
    session.output.answer(text)
    return Exit.DONE


def _id(text: str) -> bytes:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != 16:
        raise Failed(_("{text} isn't the number of a key: it has 32 digits").format(text=text))
    return found
