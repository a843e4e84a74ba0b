"""What holds for every command, from the command line, the environment and files: the first that speaks is heard."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backup.cli.failures import Failed
from backup.cli.words import _, gettext_noop

ENVIRONMENT = "SUITE_BACKUP_"
NO_PATHS = ("-", "agent:", "pkcs11:")
"""How what names a key begins where it isn't a file."""


@dataclass(frozen=True)
class Option:
    """One setting: `--name`, `SUITE_BACKUP_NAME` and `name` in a file."""

    name: str
    help: str
    kind: type = str
    metavar: str = ""
    short: str = ""
    several: bool = False

    @property
    def attribute(self) -> str:
        return self.name.replace("-", "_")

    def add_to(self, parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
        flags = [f"-{self.short}"] * bool(self.short) + [f"--{self.name}"]
        common: dict[str, Any] = {"dest": self.attribute, "default": argparse.SUPPRESS, "help": _(self.help)}
        if self.kind is bool:
            parser.add_argument(*flags, action="store_true", **common)
        else:
            action = "append" if self.several else "store"
            parser.add_argument(*flags, action=action, metavar=self.metavar, **common)

    def read(self, value: object, where: str, base: Path) -> Any:
        """The value as a file or the environment gives it. Raises Failed."""
        if self.several:
            return [str(one) for one in (value if isinstance(value, list) else [value])]
        if self.kind is bool:
            if value in (True, "1", "true", "yes", "on"):
                return True
            if value in (False, "", "0", "false", "no", "off"):
                return False
            raise Failed(_("{where}: `{name}` is either true or false").format(where=where, name=self.name))
        if isinstance(value, (dict, list, bool)):
            raise Failed(_("{where}: `{name}` takes one value").format(where=where, name=self.name))
        text = str(value)
        is_path = self.kind is Path and not text.startswith(NO_PATHS)
        return str(base / Path(text).expanduser()) if is_path else text


OPTIONS = (
    Option("repository", gettext_noop("where the repository is"), metavar="URL", short="r"),
    Option("keyfile", gettext_noop("the key to use: a file, `agent:…` or `pkcs11:…`"), Path, "FILE", "k"),
    Option("passphrase-file", gettext_noop("the file that holds the passphrase of the key"), Path, "FILE"),
    Option("cache", gettext_noop("the folder for what was read once"), Path, "DIR"),
    Option("state", gettext_noop("the folder for what is remembered from one save to the next"), Path, "DIR"),
    Option("limit-upload", gettext_noop("bytes a second to send at most: 500k, 2M"), metavar="RATE"),
    Option("limit-download", gettext_noop("bytes a second to receive at most: 500k, 2M"), metavar="RATE"),
    Option(
        "window",
        gettext_noop("other limits for a part of the day: 'mon-fri 08:00-18:00=500k'"),
        metavar="WINDOW",
        several=True,
    ),
    Option("ssh-key", gettext_noop("the private key for an SFTP server"), Path, "FILE"),
    Option("known-hosts", gettext_noop("the host keys of known SFTP servers"), Path, "FILE"),
    Option("parity", gettext_noop("percent of parity to keep with what is stored: 5, 10"), metavar="PERCENT"),
    Option("workers", gettext_noop("threads that work at the same time"), metavar="N"),
    Option("quiet", gettext_noop("say nothing but what went wrong"), bool, short="q"),
    Option("json", gettext_noop("speak JSON, for programs"), bool),
    Option("lang", gettext_noop("the language to speak: en or fr"), metavar="LANG"),
    Option("config", gettext_noop("the configuration file to read instead of the usual ones"), Path, "FILE"),
    Option("profile", gettext_noop("the part of the configuration that goes before the rest"), metavar="NAME"),
    Option("debug", gettext_noop("show where in the program an error came up"), bool),
)
BY_NAME = {option.name: option for option in OPTIONS}


@dataclass(frozen=True)
class Settings:
    given: Mapping[str, Any] = field(default_factory=dict)
    hooks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    commands: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """For each command what its options are where it isn't told."""

    def text(self, name: str) -> str:
        return str(self.given.get(name, ""))

    def path(self, name: str) -> Path | None:
        return Path(self.given[name]) if self.given.get(name) else None

    def flag(self, name: str) -> bool:
        return bool(self.given.get(name))

    def several(self, name: str) -> list[str]:
        return list(self.given.get(name, ()))

    def under(self, more: Mapping[str, Any]) -> Settings:
        """The same with what goes before it."""
        return Settings({**self.given, **more}, self.hooks, self.commands)


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """What `SUITE_BACKUP_…` says of the settings. Raises Failed."""
    found = {}
    for option in OPTIONS:
        variable = ENVIRONMENT + option.name.upper().replace("-", "_")
        if environment.get(variable):
            found[option.name] = option.read(environment[variable], variable, Path())
    return found


def from_flags(options: argparse.Namespace) -> dict[str, Any]:
    """What the command line says of the settings."""
    return {one.name: getattr(options, one.attribute) for one in OPTIONS if hasattr(options, one.attribute)}


READING, UPLOADS = 16, 4
"""Requests at a time to a far store."""


def readers(settings: Settings) -> int:
    """As many threads as there are processors for us, or more where they wait for a far store, unless it is said."""
    far = _is_far(settings) and not settings.text("workers")
    return READING if far else workers(settings)


def uploads(settings: Settings) -> int:
    return UPLOADS if _is_far(settings) else 1


def parity(settings: Settings) -> int:
    """How many percent of parity are kept; 0 for none. Raises Failed."""
    said = settings.text("parity")
    if said and (not said.isdecimal() or int(said) > 100):
        raise Failed(_("--parity is a number from 0 to 100, not {value}").format(value=said))
    return int(said or 0)


def _is_far(settings: Settings) -> bool:
    from backup.engine.stores.addresses import is_far  # help is shown without the engine

    return is_far(settings.text("repository"))


def workers(settings: Settings) -> int:
    """As many threads as there are processors for us, unless it is said."""
    said = settings.text("workers")
    if not said:
        return max(1, len(os.sched_getaffinity(0)))
    if not said.isdecimal() or not 1 <= int(said) <= 256:
        raise Failed(_("--workers is a number from 1 to 256, not {value}").format(value=said))
    return int(said)
