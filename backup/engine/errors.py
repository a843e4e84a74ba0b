"""What can go wrong with a repository, in words a person can act on."""

from __future__ import annotations

from datetime import UTC, datetime


class BackupError(Exception):
    """The root of everything the engine raises on purpose."""


class Damaged(BackupError):
    """An object isn't what was written: changed, cut, swapped, replayed or forged."""

    def __init__(self, name: str, why: str) -> None:
        self.name, self.why = name, why
        super().__init__(f"{name}: {why}")


class Missing(BackupError):
    """The store has no object of this name."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} isn't in the store")


class AlreadyThere(BackupError):
    """The store has an object of this name, and nothing is ever overwritten."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} is already there")


class Unreachable(BackupError):
    """The store doesn't answer, or broke off, also after several tries. What was asked may or may not be done."""


class Denied(BackupError):
    """The store refuses: its credentials don't allow this, an object is locked, or its identity isn't the one known."""


class StillLocked(Denied):
    """Something is protected until a date, in nanoseconds since 1970, and was to be taken away before."""

    def __init__(self, what: str, until: int) -> None:
        self.until = until
        super().__init__(f"{what} is locked until {datetime.fromtimestamp(until // 10**9, UTC):%Y-%m-%d %H:%M} UTC")


class Full(BackupError):
    """The store has no room left."""


class KeyRefused(BackupError):
    """This key can't do what is asked, or isn't a key of this repository."""


class BadKeyfile(BackupError):
    """The file isn't a whole keyfile."""


class PassphraseNeeded(BackupError):
    """The keyfile is protected: no passphrase was given, or a wrong one."""


class Busy(BackupError):
    """Another save with the same key is under way on this machine."""
