"""Open a file that was sealed for a key; where age is installed, ``age -d -i KEYFILE FILE`` does the same.

``--new-key KEYFILE`` makes a key instead: its recipient (age1…), which is no secret, goes to standard output.
"""

from __future__ import annotations

import os
import stat
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandError

from ecrf.engine.exports import age

WHY = {
    "not_sealed": "it isn't a sealed file",
    "other_key": "it was sealed for another key",
    "damaged": "it is damaged or cut: nothing of it was kept",
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", nargs="?", help="the sealed file")
    parser.add_argument("-i", "--identity", metavar="KEYFILE", help="the file that holds the secret key")
    parser.add_argument("-o", dest="out", metavar="OUT", help="the file to write; it must not exist yet")
    parser.add_argument("--new-key", metavar="KEYFILE", help="make a key in this new file")


def made(path: str) -> IO[bytes]:
    """A new file that only its owner reads."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, stat.S_IRUSR | stat.S_IWUSR)
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} can't be written: {getattr(error, 'strerror', None) or error}") from None
    return os.fdopen(handle, "wb")


def run(options: Mapping[str, Any]) -> None:
    """Raises CommandError, in one line, for what can't be opened."""
    if options["new_key"]:
        secret = age.new_identity()
        held = age.identity(secret)
        assert held is not None
        with made(options["new_key"]) as out:
            out.write(f"# public key: {age.recipient_of(held)}\n{secret}\n".encode())
        options["stdout"].write(age.recipient_of(held))
        return
    if not (options["file"] and options["identity"] and options["out"]):
        raise CommandError("name the FILE, -i KEYFILE and -o OUT")
    try:
        key = age.identity(Path(options["identity"]).read_text())
        source = Path(options["file"]).open("rb")  # noqa: SIM115
    except (OSError, ValueError) as error:
        raise CommandError(f"a file can't be opened: {getattr(error, 'strerror', None) or error}") from None
    with source:
        if key is None:
            raise CommandError(f"{options['identity']} holds no key of age (AGE-SECRET-KEY-1…)")
        with made(options["out"]) as out:
            try:
                age.open_sealed(source, key, out)
            except age.Unopenable as error:
                Path(options["out"]).unlink(missing_ok=True)
                raise CommandError(f"{options['file']} can't be opened: {WHY[error.code]}") from None
