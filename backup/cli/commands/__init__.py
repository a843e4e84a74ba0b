"""Every command: where it is, and what it does in a line. A module is read when its command is called."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from backup.cli.words import gettext_noop

if TYPE_CHECKING:
    from backup.cli.session import Session


class Runs(Protocol):
    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the command takes."""

    def run(self, session: Session, options: argparse.Namespace) -> int:
        """Do it: an exit code. Raises Failed and what the engine raises."""


@dataclass(frozen=True)
class Command:
    module: str
    help: str
    roles: tuple[str, ...] = ()
    """The keys that can do it; empty where any can, or none is needed."""
    kept: str = ""
    """What is left when a signal ends it."""

    def load(self) -> Runs:
        module: Runs = import_module(f"backup.cli.commands.{self.module}")
        return module


READ = ("reader", "verifier", "master")
WALK = ("reader", "verifier", "pruner", "master")
LIST = ("reader", "lister", "verifier", "pruner", "master")
"""Who opens everything, who opens trees, who opens the log."""

COMMANDS: Mapping[str, Command] = {
    "init": Command("init", gettext_noop("make a repository and its master key")),
    "key": Command("", gettext_noop("derive, show, revoke, print, split and protect keys")),
    "save": Command(
        "save",
        gettext_noop("save folders, streams and dumps"),
        ("writer",),
        gettext_noop("what was stored stays, and the next save takes it up"),
    ),
    "snapshots": Command("snapshots", gettext_noop("list what was saved"), LIST),
    "version": Command("version", gettext_noop("say which version this is")),
}
KEY: Mapping[str, Command] = {
    "derive": Command("key_derive", gettext_noop("make a key that may do one thing")),
    "list": Command("key_list", gettext_noop("list the keys of a repository")),
    "passphrase": Command("key_passphrase", gettext_noop("protect a keyfile by a passphrase, or by another one")),
    "revoke": Command("key_revoke", gettext_noop("have a key count no more")),
    "show": Command("key_show", gettext_noop("say what a keyfile is")),
}
GROUPS: Mapping[str, Mapping[str, Command]] = {"key": KEY}
"""Commands that have commands of their own."""
