"""What is to be kept, as options and in words."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from backup.cli import reasons
from backup.cli.parsing import Each, checked
from backup.cli.words import _, gettext_noop
from backup.engine.keeping.durations import Duration
from backup.engine.keeping.retention import BY, UNITS, Policy, count

COUNTS = {
    "last": gettext_noop("so many newest"),
    "hourly": gettext_noop("the newest of so many hours"),
    "daily": gettext_noop("the newest of so many days"),
    "weekly": gettext_noop("the newest of so many weeks"),
    "monthly": gettext_noop("the newest of so many months"),
    "quarterly": gettext_noop("the newest of so many quarters"),
    "thirteen_weekly": gettext_noop("the newest of so many thirteen weeks"),
    "yearly": gettext_noop("the newest of so many years"),
}
WORDS = {
    "last": gettext_noop("last"),
    "hourly": gettext_noop("hourly"),
    "daily": gettext_noop("daily"),
    "weekly": gettext_noop("weekly"),
    "monthly": gettext_noop("monthly"),
    "quarterly": gettext_noop("quarterly"),
    "thirteen": gettext_noop("thirteen"),
    "yearly": gettext_noop("yearly"),
    "oldest": gettext_noop("oldest"),
    "within": gettext_noop("within"),
    "held": gettext_noop("held"),
    "tag": gettext_noop("tag"),
}
"""Those of which reasons are made."""


def configure(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(_("what is kept"))
    for name, text in COUNTS.items():
        group.add_argument(_flag(name), type=checked(count), default=0, metavar="N", help=_(text))
    spans = _("all that are no older than this: 30d, 1y6m")
    group.add_argument("--keep-within", type=checked(Duration.parse), default=Duration(), metavar="TIME", help=spans)
    for unit in UNITS:
        group.add_argument(
            _flag(f"within_{unit}"),
            type=checked(Duration.parse),
            default=Duration(),
            metavar="TIME",
            help=_("as --keep-{unit}, as far back as this").format(unit=unit.replace("_", "-")),
        )
    group.add_argument(
        "--keep-tag", action=Each, default=[], metavar="TAG", help=_("those with this tag; A,B: with both")
    )
    group.add_argument(
        "--group-by", type=_by, default=("source", "host"), metavar="LIST", help=_("count these apart: source,host")
    )
    group.add_argument("--time-zone", type=_zone, metavar="ZONE", help=_("where days begin: Europe/Paris"))
    group.add_argument("--allow-empty", action="store_true", help=_("also where no snapshot of a group would be left"))


def policy(options: argparse.Namespace) -> Policy:
    names = ["within", *COUNTS, *(f"within_{unit}" for unit in UNITS)]
    values: dict[str, Any] = {name: getattr(options, f"keep_{name}") for name in names}
    tags = tuple(frozenset(filter(None, text.split(","))) for text in options.keep_tag)
    return Policy(tags=tuple(filter(None, tags)), **values)


def zone(options: argparse.Namespace) -> tzinfo:
    """The zone that was named, else that of this machine."""
    if options.time_zone is not None:
        named: tzinfo = options.time_zone
        return named
    for open_ in (lambda: ZoneInfo(os.environ["TZ"]), _of_the_machine):
        try:
            return open_()
        except (KeyError, OSError, ValueError):
            continue
    return UTC


def reason(text: str) -> str:
    """Why a snapshot stays, word by word."""
    if (whole := reasons.told(text)) != text:
        return whole
    return " ".join(_(WORDS[word]) if word in WORDS else word for word in text.split())


def _flag(name: str) -> str:
    return f"--keep-{name.replace('_', '-')}"


def _of_the_machine() -> tzinfo:
    with Path("/etc/localtime").open("rb") as file:
        return ZoneInfo.from_file(file)


def _by(text: str) -> tuple[str, ...]:
    found = tuple(filter(None, text.split(",")))
    if unknown := set(found) - set(BY):
        said = _("{text} is nothing to count by: there are {known}")
        raise argparse.ArgumentTypeError(said.format(text=", ".join(sorted(unknown)), known=", ".join(BY)))
    return found


def _zone(text: str) -> tzinfo:
    try:
        return ZoneInfo(text)
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(_("{text} is no time zone").format(text=text)) from error
