"""From the words of a command line to a command and its options."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backup.cli import configuration, settings, words
from backup.cli.commands import COMMANDS, GROUPS, Command, Runs
from backup.cli.failures import Failed
from backup.cli.parsing import PROGRAM, Parser, add_settings, use_as_defaults
from backup.cli.settings import OPTIONS, Settings
from backup.cli.words import _


@dataclass(frozen=True)
class Call:
    name: str
    command: Command
    module: Runs
    options: argparse.Namespace
    settings: Settings


def glance(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    """What the command line and the environment say of the settings, before anything else is known. Raises Failed."""
    parser = Parser(add_help=False, prog=PROGRAM)
    for option in OPTIONS:
        option.add_to(parser)
    ours = list(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    known, _others = parser.parse_known_args(ours)
    return Settings(settings.from_environment(environment)).under(settings.from_flags(known))


def language(seen: Settings, environment: Mapping[str, str]) -> str:
    """Raises Failed for one that we don't speak."""
    said = seen.text("lang")
    if not said:
        return words.preferred(environment)
    if not words.known(said):
        raise Failed(_("{name} isn't spoken here: en and fr are").format(name=said))
    return words.known(said)


def understand(arguments: Sequence[str], seen: Settings, environment: Mapping[str, str]) -> Call:
    """Raises Failed where nothing can be meant by the words, SystemExit after help."""
    from_files = configuration.read(seen.path("config"), seen.text("profile"), environment, frozenset(every_name()))
    if not seen.text("lang") and from_files.text("lang"):
        words.speak(language(from_files, environment))
    name, command, given, rest = _find(arguments)
    module = command.load()
    parser = parser_of(name, command, module)
    use_as_defaults(parser, from_files.commands.get(name, {}), name)
    add_settings(parser)
    options = parser.parse_args(rest)
    said = {**settings.from_environment(environment), **given, **settings.from_flags(options)}
    return Call(name, command, module, options, from_files.under(said))


def every_name() -> list[str]:
    """`save`, `key derive` and all the others."""
    groups = [f"{group} {name}" for group, commands in GROUPS.items() for name in commands]
    return [name for name in COMMANDS if name not in GROUPS] + groups


def parser_of(name: str, command: Command, module: Runs) -> Parser:
    parser = Parser(prog=f"{PROGRAM} {name}", description=_(command.help))
    module.configure(parser)
    return parser


def top_parser(program: str, commands: Mapping[str, Command]) -> Parser:
    """One that reads up to the name of a command."""
    width = max(map(len, commands)) + 2
    lines = [_("commands:"), *(f"  {name:{width}}{_(command.help)}" for name, command in commands.items())]
    parser = Parser(prog=program, usage=f"{program} [OPTIONS] COMMAND …", epilog="\n".join(lines))
    add_settings(parser)
    parser.add_argument("command", metavar="COMMAND", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="…", help=argparse.SUPPRESS)
    return parser


def _find(arguments: Sequence[str]) -> tuple[str, Command, dict[str, Any], list[str]]:
    """The name of the command, itself, the settings before it, and the words after it."""
    name, given, rest = _next(PROGRAM, COMMANDS, arguments)
    if name not in GROUPS:
        return name, COMMANDS[name], given, rest
    inner, more, rest = _next(f"{PROGRAM} {name}", GROUPS[name], rest)
    return f"{name} {inner}", GROUPS[name][inner], given | more, rest


def _next(
    program: str, commands: Mapping[str, Command], arguments: Sequence[str]
) -> tuple[str, dict[str, Any], list[str]]:
    found = top_parser(program, commands).parse_args(list(arguments))
    if found.command not in commands:
        known = ", ".join(commands)
        raise Failed(_("no command is named {name}; there are {known}").format(name=found.command, known=known))
    return found.command, settings.from_flags(found), found.rest
