"""Keys on this machine: whatever names one is opened, and what is written is for its owner alone."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from backup.cli.failures import Failed
from backup.cli.settings import NO_PATHS, Settings
from backup.cli.words import _
from backup.engine.agent import holding
from backup.engine.format import keyfile
from backup.engine.format.keys import Key
from backup.engine.keykeeping import private_files

STREAM = "-"
"""What names the standard streams in the place of a file."""
FEWEST = 8
"""Signs of a passphrase."""


def read(name: str, settings: Settings, environment: Mapping[str, str]) -> Key:
    """The key of a file, an agent or a token, with the passphrase that was given or is asked for at a terminal."""
    path = as_file(name)
    key = read_unprotected(path) if path else None
    if key is not None:
        return key
    from backup.engine.keykeeping import loading

    word = settings.path("passphrase-file")
    known = {**environment, loading.WORD_FILE: str(word)} if word else environment
    return loading.Loader(known, ask=ask if sys.stdin.isatty() else None, stdin=sys.stdin).load(name)


def read_unprotected(path: Path) -> Key | None:
    """The key in a file, if no passphrase protects it. Raises BadKeyfile, KeyRefused."""
    text = private_files.read_private(path)
    return None if keyfile.is_protected(keyfile.to_binary(text)) else keyfile.load(text)


def write(path: str, text: str) -> None:
    """A new file that only its owner reads; `-` is the standard output. Raises AlreadyThere, Failed."""
    if path == STREAM:
        sys.stdout.write(text)
        return
    try:
        private_files.write_private(Path(path), text)
    except OSError as error:
        raise Failed(_("{path} can't be written: {why}").format(path=path, why=error.strerror)) from error


def check_free(path: str) -> None:
    """Raises Failed where a key would take the place of something: better before than after it is made."""
    if path != STREAM and os.path.lexists(path):
        raise Failed(_("{path} is already there, and no key is ever overwritten").format(path=path))


def replace(path: Path, text: str) -> None:
    """Put another text of a keyfile in the place of the one that is there, also behind a link, in one step."""
    path = path.resolve()
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    write(str(fresh), text)
    fresh.replace(path)


def summary(key: Key, text: str, path: str) -> dict[str, object]:
    """What a program may want to know of a keyfile."""
    badge = key.badge
    return {
        "file": path,
        "role": key.label,
        "repository": key.repository.hex(),
        "master": holding.mark(key.master),
        "key": key.key_id.hex(),
        "label": badge.label if badge else "",
        "control": control(text) if text else "",
        "passphrase": bool(text) and keyfile.is_protected(keyfile.to_binary(text)),
    }


def as_file(name: str) -> Path | None:
    """The file that a name of a key means; none where it means an agent, a token or standard input."""
    return Path(name) if name and not name.startswith(NO_PATHS) else None


def control(text: str) -> str:
    return keyfile.control_code(keyfile.to_binary(text))


def new_passphrase(path: Path | None, wanted: bool) -> str:
    """The passphrase for a key that is made: from a file, typed twice, or none."""
    if path is not None:
        return _good(private_files.read_private(path, lenient=True).rstrip("\r\n"))
    return _typed_twice() if wanted else ""


def ask(prompt: str) -> str:
    return getpass.getpass(f"{prompt}: ")


def _typed_twice() -> str:
    if not sys.stdin.isatty():
        raise Failed(_("there is no terminal to ask for a passphrase: name a file that holds it"))
    first = _good(ask(_("New passphrase")))
    if ask(_("The same passphrase again")) != first:
        raise Failed(_("the second passphrase isn't the first one: nothing was changed"))
    return first


def _good(text: str) -> str:
    if len(text) < FEWEST:
        raise Failed(_("a passphrase has {count} characters at least").format(count=FEWEST))
    return text
