"""`suite-backup completion`: what a shell needs to complete commands, options, files, sources and snapshots."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Mapping

from backup.cli import choosing, keyfiles
from backup.cli.codes import Exit
from backup.cli.commands import COMMANDS, GROUPS, Command
from backup.cli.parsing import PROGRAM, Parser, add_settings
from backup.cli.session import Session
from backup.cli.words import _
from backup.engine.errors import BackupError
from backup.engine.repository import Repository
from backup.engine.stores.opening import open_store

SHELLS = ("bash", "zsh", "fish")
NAMES = ("snapshots", "sources")
"""What the scripts ask for while somebody types."""
_FILES = {"FILE", "PATH"}
_FOLDERS = {"DIR"}


def configure(parser: argparse.ArgumentParser) -> None:
    shells = ", ".join(SHELLS)
    parser.add_argument(
        "shell", choices=(*SHELLS, *NAMES), metavar="SHELL", help=_("one of: {shells}").format(shells=shells)
    )


def run(session: Session, options: argparse.Namespace) -> int:
    if options.shell in NAMES:
        for name in _names(session, options.shell):
            session.output.answer(name)
        return Exit.DONE
    import shtab

    session.output.answer(shtab.complete(whole_parser(), options.shell))
    return Exit.DONE


def whole_parser() -> argparse.ArgumentParser:
    """Every command with every option, as one tree."""
    parser = Parser(prog=PROGRAM)
    add_settings(parser)
    _complete(parser)
    _add(parser, "", COMMANDS)
    return parser


def _add(parser: argparse.ArgumentParser, above: str, commands: Mapping[str, Command]) -> None:
    below = parser.add_subparsers()
    for name, command in commands.items():
        if name in GROUPS and not above:
            _add(below.add_parser(name, help=_(command.help)), f"{name} ", GROUPS[name])
            continue
        one = below.add_parser(name, help=_(command.help), description=_(command.help))
        with contextlib.suppress(ModuleNotFoundError):  # a library of its own isn't installed: it can't be called
            command.load().configure(one)
        add_settings(one)
        _complete(one)


def _complete(parser: argparse.ArgumentParser) -> None:
    """Say of each value what it may be."""
    import shtab

    for action in parser._actions:
        if action.dest in ("snapshot", "snapshots", "first", "second"):
            vars(action)["complete"] = shtab.cmd(f"{PROGRAM} completion snapshots 2>/dev/null")
        elif action.dest == "source":
            vars(action)["complete"] = shtab.cmd(f"{PROGRAM} completion sources 2>/dev/null")
        elif action.metavar in _FILES:
            vars(action)["complete"] = shtab.FILE
        elif action.metavar in _FOLDERS:
            vars(action)["complete"] = shtab.DIRECTORY


def _names(session: Session, what: str) -> list[str]:
    """What the key at hand can name in a repository on this machine; nothing where that would take long or ask."""
    url, path = session.settings.text("repository"), keyfiles.as_file(session.settings.text("keyfile"))
    if "://" in url or not url or path is None:
        return []
    try:
        key = keyfiles.read_unprotected(path)
        found = Repository.open(open_store(url), key).snapshots() if key else []
    except BackupError:
        return []
    sources = sorted({one.source for one in found})
    if what == "sources":
        return sources
    return [choosing.LATEST, *sources, *(one.id.hex()[:12] for one in reversed(found))]
