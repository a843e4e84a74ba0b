"""Which columns of a version a person may read: a permission opens each level of sensitivity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import access
from core.datasets.engine.dictionary.entries import LEVELS, level
from core.datasets.models import DictionaryRevision

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor
    from core.datasets.models import DatasetVersion

OPENS = {"personal": "datasets.read_personal", "identifying": "datasets.read_identifiers"}
"""Level -> the permission without which its columns aren't there. The lowest needs no more than to read the rows."""


@dataclass(frozen=True)
class Reach:
    """The columns of a version that somebody reads, and those that aren't there for him, in the order of the file."""

    shown: tuple[str, ...]
    hidden: tuple[str, ...]


def opened_by(permissions: Iterable[str]) -> frozenset[str]:
    """The levels that some permissions open."""
    held = frozenset(permissions)
    return frozenset({"", *(name for name, code in OPENS.items() if code in held)})


def levels_of(actor: Actor, project: Project) -> frozenset[str]:
    return opened_by(access.abilities(actor, project))


def reach(actor: Actor, version: DatasetVersion) -> Reach:
    """What this person reads of a version, by its dictionary as it is at this moment."""
    return reach_in(current(version), levels_of(actor, version.dataset.project))


def reach_in(columns: Sequence[Mapping[str, Any]], levels: frozenset[str]) -> Reach:
    names: dict[bool, list[str]] = {True: [], False: []}
    for column in columns:
        names[LEVELS[level(column["sensitivity"])] in levels].append(column["name"])
    return Reach(tuple(names[True]), tuple(names[False]))


def current(version: DatasetVersion) -> list[dict[str, Any]]:
    """The dictionary asked anew: a version that was loaded before a column was protected must not open it."""
    about = DictionaryRevision.objects.filter(version=version).order_by("-number").values_list("about", flat=True)
    version.__dict__["revised"] = about.first()
    return version.columns


def require_some(actor: Actor, version: DatasetVersion, found: Reach) -> None:
    """Raises Refused where every column is protected from this person."""
    if not found.shown:
        wanted = min((level(column["sensitivity"]) for column in version.columns), default=0)
        access.require(actor, OPENS[LEVELS[wanted]], version.dataset.project, obj=version)
