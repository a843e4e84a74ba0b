"""A key agent: it holds unlocked keys in its own memory, and opens and signs for other programs (conversation.py)."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from backup.engine.errors import KeyRefused, PassphraseNeeded
from backup.engine.format import keyfile
from backup.engine.format.keys import Key
from backup.engine.keykeeping.wire import Peer

Confirm = Callable[[Peer, str], bool]
"""Whether a program may do what it asks for. It is asked once for each connection, key and kind of use."""


def since_boot() -> float:
    """Seconds, those too in which the machine slept."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def ask_by(command: Sequence[str]) -> Confirm:
    """Confirmation by a program that is given the question, as for SSH_ASKPASS: it says yes by ending with 0."""
    return lambda peer, question: subprocess.run([*command, question], check=False).returncode == 0


@dataclass
class _Held:
    """A key, or what is left of it while it is locked."""

    known: dict[str, Any]
    key: Key | None
    text: str = ""
    """The keyfile that a passphrase opens again; nothing for what needs none."""
    until: float | None = None


@dataclass
class Agent:
    clock: Callable[[], float] = since_boot
    confirm: Confirm | None = None
    _held: dict[bytes, _Held] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _opening: threading.Lock = field(default_factory=threading.Lock)
    """One passphrase at a time: each attempt takes much memory."""

    def add(self, key: Key, *, text: str = "", lifetime: float | None = None) -> bytes:
        """Hold a key, for a number of seconds or for good. `text` is its keyfile if a passphrase protects it."""
        until = None if lifetime is None else self.clock() + lifetime
        with self._lock:
            self._held[key.key_id] = _Held(_known(key), key, text, until)
        return key.key_id

    def add_keyfile(self, text: str, passphrase: str = "", *, lifetime: float | None = None) -> bytes:
        """Hold the key of a keyfile. Raises BadKeyfile, PassphraseNeeded."""
        protected = keyfile.is_protected(keyfile.to_binary(text))
        with self._opening:
            key = keyfile.load(text, passphrase)
        return self.add(key, text=text if protected else "", lifetime=lifetime)

    def lock(self) -> None:
        """Forget every key; those of protected keyfiles come back with their passphrase."""
        with self._lock:
            self._drop(list(self._held))

    def unlock(self, passphrase: str, *, lifetime: float | None = None) -> None:
        """Open every locked key whose passphrase this is. Raises PassphraseNeeded if there is none."""
        with self._lock:
            closed = [one.text for one in self._held.values() if one.key is None]
        opened = [one for one in closed if self._opens(one, passphrase, lifetime)]
        if closed and not opened:
            raise PassphraseNeeded("this passphrase opens none of the locked keys")

    def forget(self, key_id: bytes) -> None:
        with self._lock:
            self._held.pop(key_id, None)

    def expire(self) -> None:
        """Lock what has outlived its time."""
        with self._lock:
            now = self.clock()
            self._drop([key for key, one in self._held.items() if one.until is not None and now >= one.until])

    def known(self) -> list[dict[str, Any]]:
        """What anybody may know of the keys."""
        self.expire()
        with self._lock:
            return [one.known | {"locked": one.key is None} for one in self._held.values()]

    def key(self, key_id: bytes) -> Key:
        """Raises KeyRefused for a key that is locked or isn't there."""
        self.expire()
        with self._lock:
            held = self._held.get(key_id)
        if held is None:
            raise KeyRefused("the agent has no such key")
        if held.key is None:
            raise KeyRefused("this key is locked: unlock the agent")
        return held.key

    def _drop(self, key_ids: Sequence[bytes]) -> None:
        for key_id in key_ids:
            held = self._held[key_id]
            if held.text:
                held.key, held.until = None, None
            else:
                del self._held[key_id]

    def _opens(self, text: str, passphrase: str, lifetime: float | None) -> bool:
        try:
            self.add_keyfile(text, passphrase, lifetime=lifetime)
        except PassphraseNeeded:
            return False
        return True


def _known(key: Key) -> dict[str, Any]:
    return {
        "key": key.key_id,
        "role": int(key.role),
        "repository": key.repository,
        "suite": key.suite,
        "master": key.master,
        "badge": key.badge.raw if key.badge else b"",
    }
