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
    array: bool = False
    """Whether it answers programs with one JSON array."""
    itself: bool = False
    """Whether it asks the store itself for everything: what was read once, and is kept near, proves nothing."""

    def load(self) -> Runs:
        module: Runs = import_module(f"backup.cli.commands.{self.module}")
        return module


READ = ("reader", "verifier", "master")
WALK = ("reader", "verifier", "pruner", "master")
LIST = ("reader", "lister", "verifier", "pruner", "master")
"""Who opens everything, who opens trees, who opens the log."""

_KEEP = ("pruner", "master")

COMMANDS: Mapping[str, Command] = {
    "init": Command("init", gettext_noop("make a repository and its master key")),
    "key": Command("", gettext_noop("derive, show, revoke, print, split and protect keys")),
    "save": Command(
        "save",
        gettext_noop("save folders, streams and dumps"),
        ("writer",),
        gettext_noop("what was stored stays, and the next save takes it up"),
    ),
    "snapshots": Command("snapshots", gettext_noop("list what was saved"), LIST, array=True),
    "ls": Command("ls", gettext_noop("list what a snapshot holds"), WALK, array=True),
    "find": Command("find", gettext_noop("find names in snapshots"), WALK, array=True),
    "diff": Command("diff", gettext_noop("tell what changed between two snapshots"), WALK),
    "dump": Command("dump", gettext_noop("write a file, or a folder as an archive, to a pipe"), READ),
    "restore": Command(
        "restore",
        gettext_noop("bring files back"),
        READ,
        gettext_noop("what was restored stays: `--overwrite if-changed` goes on from there"),
    ),
    "mount": Command("mount", gettext_noop("browse the repository by WebDAV"), READ),
    "check": Command("check", gettext_noop("find what is damaged, and the files it touches"), itself=True),
    "scan": Command(
        "scan",
        gettext_noop("check, vouch for what is sound, condemn what isn't"),
        ("verifier", "master"),
        itself=True,
    ),
    "repair": Command(
        "repair",
        gettext_noop("bring back what can be of what is damaged"),
        ("verifier", "pruner", "master"),
        itself=True,
    ),
    "recover": Command("recover", gettext_noop("find trees whose snapshots are lost"), ("master",), itself=True),
    "drill": Command("drill", gettext_noop("try a restore, and compare"), READ, itself=True),
    "forget": Command("forget", gettext_noop("say which snapshots are to go"), _KEEP),
    "prune": Command(
        "prune",
        gettext_noop("give back the room of what nothing needs"),
        _KEEP,
        gettext_noop("nothing is half deleted, and the next run goes on from there"),
    ),
    "hold": Command("hold", gettext_noop("have nobody forget a snapshot"), LIST),
    "release": Command("release", gettext_noop("let a held snapshot be forgotten again"), _KEEP),
    "tag": Command("tag", gettext_noop("give tags to a snapshot or take them away"), _KEEP),
    "recall": Command("recall", gettext_noop("keep a forgotten snapshot after all"), _KEEP),
    "copy": Command(
        "copy",
        gettext_noop("copy the repository to another place"),
        kept=gettext_noop("what was copied stays, and the next copy goes on from there"),
        itself=True,
    ),
    "parity": Command("parity", gettext_noop("keep what mends objects that the store lets rot"), itself=True),
    "stats": Command("stats", gettext_noop("say what snapshots take, and what would come back"), WALK),
    "rekey": Command("rekey", gettext_noop("begin a new epoch of keys"), ("master",)),
    "agent": Command("", gettext_noop("work as a portal says, on this machine")),
    "policy": Command("policy", gettext_noop("print what the account of a key may do in a bucket")),
    "send": Command("send", gettext_noop("send a sealed file to somebody without account")),
    "receive": Command("receive", gettext_noop("receive the sealed file of a link")),
    "completion": Command("completion", gettext_noop("print what a shell needs to complete commands")),
    "version": Command("version", gettext_noop("say which version this is")),
}
KEY: Mapping[str, Command] = {
    "agent": Command("key_agent", gettext_noop("hold keys in memory for other programs")),
    "combine": Command("key_combine", gettext_noop("make a key again from its sheet or its shares")),
    "derive": Command("key_derive", gettext_noop("make a key that may do one thing")),
    "list": Command("key_list", gettext_noop("list the keys of a repository"), array=True),
    "passphrase": Command("key_passphrase", gettext_noop("protect a keyfile by a passphrase, or by another one")),
    "revoke": Command("key_revoke", gettext_noop("have a key count no more")),
    "sheet": Command("key_sheet", gettext_noop("print a key on paper")),
    "show": Command("key_show", gettext_noop("say what a keyfile is")),
    "split": Command("key_split", gettext_noop("share a master key out among several people")),
}
AGENT: Mapping[str, Command] = {
    "enrol": Command("agent_enrol", gettext_noop("become an agent by a code of the portal")),
    "key": Command("agent_key", gettext_noop("give the agent its key on this machine")),
    "run": Command("agent_run", gettext_noop("do what is due, and tell of it")),
    "status": Command("agent_status", gettext_noop("say who the agent is and what it is to do")),
    "unit": Command("agent_unit", gettext_noop("print a unit for systemd")),
    "leave": Command("agent_leave", gettext_noop("be an agent no more")),
}
GROUPS: Mapping[str, Mapping[str, Command]] = {"key": KEY, "agent": AGENT}
"""Commands that have commands of their own."""
