"""Open whatever names a key: a keyfile, an agent, a token; and find the passphrase where it is kept."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from backup.engine.errors import KeyRefused, PassphraseNeeded
from backup.engine.format import keyfile
from backup.engine.format.keys import Key
from backup.engine.keykeeping import place, remote
from backup.engine.keykeeping.place import Ask
from backup.engine.keykeeping.private_files import read_private

KEYFILE = "SUITE_BACKUP_KEYFILE"
WORD_FILE = "SUITE_BACKUP_PASSPHRASE_FILE"
WORD_COMMAND = "SUITE_BACKUP_PASSPHRASE_COMMAND"
AGENT = "SUITE_BACKUP_AGENT"
MODULE = "SUITE_BACKUP_PKCS11_MODULE"
STDIN = "-"
_TRIES = 3


@dataclass(frozen=True)
class Loader:
    """Where keys and their passphrases come from."""

    environment: Mapping[str, str]
    ask: Ask | None = None
    """Asks a person; without it, what nobody else tells is refused."""
    stdin: TextIO | None = None
    lenient: bool = False
    """Also keyfiles that others can read, as some secret stores lay them out."""

    def load(self, name: str = "") -> Key:
        """The key of a keyfile's path, `-` for standard input, `agent:PATH#ID`, or `pkcs11:…`.

        Without a name, that of SUITE_BACKUP_KEYFILE. Raises BadKeyfile, PassphraseNeeded, KeyRefused.
        """
        name = name or self.environment.get(KEYFILE, "")
        if not name:
            raise KeyRefused(f"no key is named: give a keyfile, or set {KEYFILE}")
        if name.startswith(remote.PREFIX):
            path, _, key_id = name.removeprefix(remote.PREFIX).partition("#")
            return remote.load(Path(path or self._needed(AGENT)), key_id)
        if name.startswith(place.PREFIX):
            return self._in_token(name)
        if name != STDIN:
            return self._unlocked(read_private(Path(name), lenient=self.lenient), name)
        if self.stdin is None:
            raise KeyRefused("there is no standard input to read a key from")
        return self._unlocked(self.stdin.read(keyfile.LONGEST), "the key from standard input")

    def passphrase(self, prompt: str) -> str:
        """From a file, a command or a person, in this order. Raises PassphraseNeeded."""
        if path := self.environment.get(WORD_FILE):
            return read_private(Path(path), lenient=self.lenient).rstrip("\r\n")
        if command := self.environment.get(WORD_COMMAND):
            return _said_by(command)
        if self.ask is None:
            raise PassphraseNeeded(f"{prompt} is needed: set {WORD_FILE} or {WORD_COMMAND}")
        return self.ask(prompt)

    def _unlocked(self, text: str, name: str) -> Key:
        """A person may mistype, and is asked again."""
        if not keyfile.is_protected(keyfile.to_binary(text)):
            return keyfile.load(text)
        person = not any(self.environment.get(one) for one in (WORD_FILE, WORD_COMMAND))
        for _ in range(_TRIES - 1 if person and self.ask else 0):
            try:
                return keyfile.load(text, self.passphrase(f"passphrase of {name}"))
            except PassphraseNeeded:
                continue
        return keyfile.load(text, self.passphrase(f"passphrase of {name}"))

    def _in_token(self, uri: str) -> Key:
        try:
            from backup.engine.keykeeping import pkcs11
        except ImportError:
            raise KeyRefused("a token needs python-pkcs11: install the extra pkcs11") from None
        return pkcs11.load(place.Place.parse(uri, self.environment.get(MODULE, "")), self._pin)

    def _pin(self, prompt: str) -> str:
        if self.ask is None:
            raise PassphraseNeeded(f"{prompt} is needed: name its file as pin-source=…")
        return self.ask(prompt)

    def _needed(self, name: str) -> str:
        if value := self.environment.get(name):
            return value
        raise KeyRefused(f"where is the agent? Say agent:PATH, or set {name}")


def _said_by(command: str) -> str:
    """What a command prints; it is started as it stands, by no shell."""
    try:
        done = subprocess.run(shlex.split(command), check=True, stdout=subprocess.PIPE, text=True)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise PassphraseNeeded(f"the command for the passphrase failed: {error}") from error
    return done.stdout.rstrip("\r\n")
