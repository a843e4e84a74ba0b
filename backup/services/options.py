"""What a plan tells its agent, checked by the table that the agent reads too; each fault in words, at its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from backup.engine.agent import options as table
from backup.engine.agent.options import Wrong
from core.errors import Fault, Invalid

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

DUMPS = ("postgresql:service=app", "sqlite:file=/srv/app.db")
"""How dumps are written."""
WORDS: dict[Wrong, _StrPromise] = {
    Wrong.UNKNOWN: _("There is no such option for the duty of this agent."),
    Wrong.KIND: _("This is a value of another kind."),
    Wrong.RANGE: _("This number is too small or too large."),
    Wrong.PATH: _("Write a whole path, from the root: /srv/data. No “..” in it."),
    Wrong.PATTERN: _("This pattern can’t be understood."),
    Wrong.STREAM: format_lazy(_("Write the kind and what it is told: {one}, {other}."), one=DUMPS[0], other=DUMPS[1]),
    Wrong.TAG: _("A word has 1 to 120 characters and no comma."),
    Wrong.RATE: _("Write for example 500k or 2M: bytes a second."),
    Wrong.WINDOW: _("Write for example mon-fri 08:00-18:00=500k."),
    Wrong.COUNT: _("Write a number, or unlimited."),
    Wrong.SPAN: _("Write for example 30d, 12h or 1y6m."),
    Wrong.ALLOWANCE: _("Write for example 5%, 2G or unlimited."),
    Wrong.GROUP: _("Choose among source, host, paths and tags."),
    Wrong.EMPTY: _("Say what is to be kept: with nothing said, nothing may be forgotten."),
    Wrong.MANY: _("These are too many."),
}


@dataclass(frozen=True)
class Orders:
    """What is set for an agent: what it saves, and how it works."""

    source: str = ""
    paths: Sequence[str] = ()
    excludes: Sequence[str] = ()
    streams: Sequence[str] = ()
    options: dict[str, Any] = field(default_factory=dict)


def checked(duty: str, orders: Orders, inherited: Mapping[str, Any]) -> Orders:
    """The orders with those options that differ from what the plan inherits. Raises Invalid with every fault."""
    settled, found = table.read(duty, {**inherited, **orders.options})
    options = {name: value for name, value in settled.items() if value != inherited[name]}
    faults = in_words(found)
    if duty != table.SAVE:
        faults += _nothing_to_save(orders)
        return _or_refused(Orders(options=options), faults)
    paths, excludes, streams = (lines(each) for each in (orders.paths, orders.excludes, orders.streams))
    found = [*table.read_paths(paths), *table.read_excludes(excludes), *table.read_streams(streams)]
    faults += in_words(found)
    source = orders.source.strip()
    if not source or source == "latest" or ":" in source or len(source) > 120 or not source.isprintable():
        faults.append(Fault("source", "name", _("Give the source a name, without a colon: machine-data, for example.")))
    if not paths and not streams:
        faults.append(Fault("paths", "required", _("Say what is to be saved: folders, files or dumps.")))
    return _or_refused(Orders(source, paths, excludes, streams, options), faults)


def in_words(found: Iterable[table.Fault]) -> list[Fault]:
    return [Fault(fault.place, fault.why.value, WORDS[fault.why]) for fault in found]


def check_zone(name: str) -> None:
    """Raises Invalid for what is no time zone; none is the instance's own."""
    try:
        ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError) as error:
        raise Invalid([Fault("zone", "unknown", _("This is no time zone. Write for example Europe/Paris."))]) from error


def _nothing_to_save(orders: Orders) -> list[Fault]:
    given = {"source": orders.source, "paths": orders.paths, "excludes": orders.excludes, "streams": orders.streams}
    message = _("Only an agent that saves takes this.")
    return [Fault(name, "unused", message) for name, value in given.items() if value]


def lines(values: Sequence[str]) -> list[str]:
    """Those that say something."""
    return [line for value in values if (line := value.strip())]


def _or_refused(orders: Orders, faults: list[Fault]) -> Orders:
    if faults:
        raise Invalid(faults)
    return orders
