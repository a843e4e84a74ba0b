"""What went wrong, in one line for a person: what happened, why, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backup.cli.words import _

if TYPE_CHECKING:
    from backup.engine.errors import Damaged

EXTRAS = {
    "asyncssh": "sftp",
    "boto3": "s3",
    "defusedxml": "webdav",
    "requests": "agent,webdav",
    "cheroot": "mount",
    "wsgidav": "mount",
    "psycopg": "postgresql",
    "pkcs11": "pkcs11",
}
"""Libraries that not everybody needs, and the extra of the package that brings each."""


class Failed(Exception):
    """The command can't be done; the text says why and what to do."""


class Interrupted(KeyboardInterrupt):
    """A signal asked us to end."""

    def __init__(self, signal: int) -> None:
        self.signal = signal
        super().__init__(signal)


def in_words(error: BaseException) -> str:
    """The error for a person, in the language that is spoken."""
    from backup.cli import reasons
    from backup.engine import errors

    if isinstance(error, Failed):
        return str(error)
    if isinstance(error, errors.BackupError):
        return _of_the_engine(error)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] in EXTRAS:
        extra = EXTRAS[(error.name or "").partition(".")[0]]
        return _("this needs a library more: pip install 'suite-backup[{extra}]'").format(extra=extra)
    if isinstance(error, MemoryError):
        return _("there isn't enough memory: close other programs, or use fewer --workers")
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{reasons.told(error.strerror or str(error))}"
    if type(error).__module__ == "sqlite3":
        return _("what is remembered on this machine can't be used: {why}. Is its disk full?").format(why=error)
    return _("the program met an error of its own ({name}): run it again with --debug and tell us").format(
        name=type(error).__name__
    )


def damage(error: Damaged) -> str:
    """What is damaged and how, where the command goes on."""
    from backup.cli import reasons

    return f"{error.name}: {reasons.told(error.why)}"


def _of_the_engine(error: Exception) -> str:
    from backup.cli import reasons
    from backup.engine import errors
    from backup.engine.keeping.ground import Unsound

    values = {"name": getattr(error, "name", ""), "why": reasons.told(getattr(error, "why", str(error)))}
    for kind, text in (
        (errors.Damaged, _("the repository is damaged: {name}: {why}. `suite-backup check` tells what is touched")),
        (
            Unsound,
            _(
                "what was said of snapshots can't be read, so nothing goes: {why}. Bring it back from a copy; "
                "`prune --despite NAME` goes on without it"
            ),
        ),
        (errors.Missing, _("{name} isn't in the repository: is its address right?")),
        (errors.AlreadyThere, _("{name} is already there, and nothing is ever overwritten")),
        (errors.Unreachable, _("the repository can't be reached: {why}. Check the connection and try again")),
        (errors.Denied, _("the repository refuses this: {why}. Check the rights of the account that is used")),
        (errors.Full, _("the repository has no room left: {why}. `suite-backup forget` and `prune` make some")),
        (errors.KeyRefused, _("the key can't do this: {why}")),
        (errors.BadKeyfile, _("the keyfile can't be used: {why}")),
        (errors.PassphraseNeeded, _("the passphrase is missing or wrong: {why}")),
        (errors.Busy, _("another save with this key is under way on this machine: wait until it has ended")),
    ):
        if isinstance(error, kind):
            return text.format(**values)
    return reasons.told(str(error))
