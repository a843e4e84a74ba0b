"""Parsers: argparse as we use it, and what a file says where the command line says nothing."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

from backup.cli import words
from backup.cli.failures import Failed
from backup.cli.settings import OPTIONS
from backup.cli.words import _, gettext_noop

PROGRAM = "suite-backup"
T = TypeVar("T")
_SPAN = re.compile(r"(\d{1,5})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7}
_SIZE = re.compile(r"(?P<count>\d+(?:\.\d+)?)(?P<unit>[kKMGT]?)(?P<binary>i?)B?")
OF_ARGPARSE = (
    gettext_noop("usage: "),
    gettext_noop("positional arguments"),
    gettext_noop("options"),
    gettext_noop("show this help message and exit"),
    gettext_noop("the following arguments are required: %s"),
    gettext_noop("unrecognized arguments: %s"),
    gettext_noop("expected one argument"),
    gettext_noop("expected at least one argument"),
    gettext_noop("expected at most one argument"),
    gettext_noop("not allowed with argument %s"),
    gettext_noop("one of the arguments %s is required"),
    gettext_noop("ignored explicit argument %r"),
    gettext_noop("argument %(argument_name)s: %(message)s"),
    gettext_noop("invalid %(type)s value: %(value)r"),
    gettext_noop("invalid choice: %(value)r (choose from %(choices)s)"),
)
"""Its own words, which it asks gettext for."""


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Usage without the options that every command has, and the colons of the language."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        everywhere = {option.attribute for option in OPTIONS}
        super().add_usage(usage, [action for action in actions if action.dest not in everywhere], groups, prefix)

    def start_section(self, heading: str | None) -> None:
        super().start_section(f"{heading}\u00a0" if words.language == "fr" else heading)


class Parser(argparse.ArgumentParser):
    """One that raises Failed instead of ending the program, and takes no option by half its name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=Formatter, **options)

    def error(self, message: str) -> NoReturn:
        raise Failed(_("{why}; `{program} --help` shows how it is used").format(why=message, program=self.prog))


class Each(argparse.Action):
    """An option that may come several times. The first time it takes the place of what a file says."""

    def __call__(self, _parser: Any, namespace: Any, values: Any, _flag: str | None = None) -> None:
        heard = getattr(namespace, f"{self.dest}_heard", ())
        setattr(namespace, f"{self.dest}_heard", [*heard, values])
        setattr(namespace, self.dest, [*heard, values])


def add_settings(parser: argparse.ArgumentParser) -> None:
    """The options that every command takes, before its name and after it."""
    group = parser.add_argument_group(_("options of every command"))
    for option in OPTIONS:
        option.add_to(group)


def use_as_defaults(parser: argparse.ArgumentParser, table: Mapping[str, Any], command: str) -> None:
    """What the table of a command says in a file holds where the command line says nothing. Raises Failed."""
    actions = {action.dest: action for action in parser._actions if action.dest != "help"}
    for name, value in table.items():
        action = actions.get(name.replace("-", "_"))
        if action is None:
            raise Failed(_("the configuration of `{command}` has no `{name}`").format(command=command, name=name))
        parser.set_defaults(**{action.dest: _default(action, value, name)})


def _default(action: argparse.Action, value: object, name: str) -> Any:
    if action.nargs == 0:
        if not isinstance(value, bool):
            raise Failed(_("{where}: `{name}` is either true or false").format(where=_("configuration"), name=name))
        return value
    if isinstance(action, Each) or action.nargs in ("*", "+"):
        values: Sequence[object] = value if isinstance(value, list) else [value]
        return [_typed(action, one, name) for one in values]
    return _typed(action, value, name)


def _typed(action: argparse.Action, value: object, name: str) -> Any:
    kind = action.type if callable(action.type) else str
    try:
        return kind(str(value))
    except (TypeError, ValueError, argparse.ArgumentTypeError) as error:
        raise Failed(_("configuration: `{name}`: {why}").format(name=name, why=error)) from error


def positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(_("{text} is no number from 1 on").format(text=text))
    return int(text)


def percent(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(_("{text} is no number from 1 to 100").format(text=text))
    return int(text)


def size(text: str) -> int:
    """Bytes: 500M is 500,000,000, 500Mi is 524,288,000."""
    found = _SIZE.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError(_("{text} is no size: write 500k, 20M, 2G or 2Gi").format(text=text))
    step = 1024 if found["binary"] else 1000
    return int(float(found["count"]) * step ** ("kmgt".index(found["unit"].lower()) + 1 if found["unit"] else 0))


def written(text: str) -> str:
    """What is kept in a snapshot or said in an act: text that every reader can show."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError(_("{text} is no text in UTF-8").format(text=text)) from None
    return text


def note(text: str) -> tuple[str, str]:
    name, sign, value = written(text).partition("=")
    if not name or not sign:
        raise argparse.ArgumentTypeError(_("{text} is no note: write NAME=TEXT").format(text=text))
    return name, value


def span(text: str) -> int:
    """Nanoseconds: 12h, 7d, 2w."""
    found = _SPAN.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError(_("{text} is no span of time: write 12h, 7d or 2w").format(text=text))
    return int(found[1]) * _HOURS[found[2]] * 3600 * 10**9


def checked(parse: Callable[[str], T]) -> Callable[[str], T]:
    """What the engine reads, with its own words for what is wrong."""

    def read(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return read
