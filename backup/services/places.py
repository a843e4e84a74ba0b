"""Where repositories may be kept: with the data, in folders, or in the places that the administrator has declared."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backup.engine.errors import BackupError, Denied, Full
from backup.engine.stores.local import LocalStore
from backup.models import Repository
from backup.models.repositories import PLACE
from backup.services import stores
from backup.services.aside import aside
from core.errors import Fault, Invalid

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from core.config.places import Place

HERE = ""
"""With the suite's own data."""
KEPT = 900
"""Seconds for which it is remembered whether a place answered; the scheduler asks more often."""
SOUND = "sound"
KINDS = {
    "data": gettext_lazy("with the suite’s data"),
    "folder": gettext_lazy("folder of the server"),
    "s3": gettext_lazy("object store (S3)"),
    "sftp": gettext_lazy("SFTP server"),
    "webdav": gettext_lazy("WebDAV server"),
    "gone": gettext_lazy("a place that isn’t declared any more"),
}
SCHEMES: dict[str, str] = {
    "s3": "s3",
    "sftp": "sftp",
    **dict.fromkeys(("webdav", "webdavs", "dav+http", "dav+https"), "webdav"),
}


@dataclass(frozen=True)
class Choice:
    """A place as people choose it and read of it: its address is the administrator's alone."""

    where: str
    """As `Repository.folder` keeps it."""
    label: str
    kind: str
    """One of KINDS."""
    lock_days: int = 0
    """For how many days nobody can take away what was put there, whatever he holds."""

    @property
    def is_here(self) -> bool:
        return self.kind == "data"

    @property
    def kind_words(self) -> _StrPromise | str:
        return KINDS[self.kind]

    @property
    def words(self) -> str:
        """What it is, for who chooses."""
        if self.is_here:
            return _("With the suite’s data: brings back what was erased by mistake, but is lost with the machine")
        if self.kind == "folder":
            return self.label
        words = _("%(label)s: %(kind)s") % {"label": self.label, "kind": self.kind_words}
        if not self.lock_days:
            return words
        count = {"count": self.lock_days}
        lock = ngettext("locked for %(count)d day", "locked for %(count)d days", self.lock_days) % count
        return _("%(place)s, %(lock)s") % {"place": words, "lock": lock}


def choices() -> list[Choice]:
    """What a repository may be made in; the one that is advised comes last."""
    folders = [str(folder) for folder in settings.BACKUP_FOLDERS]
    return [about(where) for where in (HERE, *folders, *(f"{PLACE}{name}" for name in settings.BACKUP_PLACES))]


def check(where: str) -> None:
    """Raises Invalid for what the administrator doesn't offer."""
    if where not in {choice.where for choice in choices()}:
        raise Invalid([Fault("folder", "unknown", _("The administrator hasn't allowed this place."))])


def about(where: str) -> Choice:
    """What people read of where a repository lies, also where it isn't offered any more."""
    if where == HERE:
        return Choice(where, _("with the data"), "data")
    name = where.removeprefix(PLACE)
    if not where.startswith(PLACE):
        return Choice(where, where, "folder")
    place: Place | None = settings.BACKUP_PLACES.get(name)
    if place is None:
        return Choice(where, name, "gone")
    parts = urlsplit(place.address)
    days = parse_qs(parts.query).get("lock", [""])[-1].partition(":")[2]
    return Choice(where, place.label, SCHEMES[parts.scheme], int(days) if days else 0)


def check_addresses() -> None:
    """See at the start that each address can be one. Raises SystemExit with one line that names every fault."""
    faults = []
    for place in settings.BACKUP_PLACES.values():
        try:
            stores.opened(place, "x").close()
        except BackupError as error:
            faults.append(f"\n- BACKUP_PLACES_FILE: [{place.name}] {error}")
    if faults:
        raise SystemExit("The suite can't start:" + "".join(faults))


@dataclass(frozen=True)
class Looked:
    """What came of trying a place."""

    choice: Choice
    fault: str
    """Why no repository could be made or filled there; empty where one could."""


def seen() -> Iterator[Looked]:
    """Every folder and place, as it was lately or is now."""
    offered = [choice for choice in choices() if not choice.is_here]
    known = cache.get_many([_key(choice.where) for choice in offered])
    tried = dict(_try([choice for choice in offered if _key(choice.where) not in known]))
    for choice in offered:
        said = tried.get(choice.where) or known[_key(choice.where)]
        yield Looked(choice, "" if said == SOUND else said)


def undeclared() -> list[str]:
    """Places that hold repositories and that the settings don't name any more."""
    used = Repository.objects.filter(folder__startswith=PLACE).values_list("folder", flat=True).distinct()
    return [found.label for where in used if (found := about(where)).kind == "gone"]


def try_all() -> None:
    """Ask every place whether it is there, so that who opens a page needn't."""
    for _where, _said in _try([choice for choice in choices() if not choice.is_here]):
        pass


def try_aside() -> None:
    """The scheduler doesn't wait for them."""
    if len(choices()) > 1:
        aside("places", try_all)


def _try(offered: list[Choice]) -> Iterator[tuple[str, str]]:
    """All at once: the slowest makes nobody wait for the sum of them."""
    if not offered:
        return
    with ThreadPoolExecutor(len(offered)) as pool:
        for choice, said in zip(offered, pool.map(_tried, [choice.where for choice in offered]), strict=True):
            cache.set(_key(choice.where), said, KEPT)
            yield choice.where, said


def _tried(where: str) -> str:
    """A word for what is wrong: it is remembered, and said in the language of who reads it."""
    try:
        if not where.startswith(PLACE):
            LocalStore(Path(where)).probe()
            return SOUND
        store = stores.opened(stores.place_of(where.removeprefix(PLACE)), tries=1, within=stores.WITHIN)
        try:
            store.probe()
        finally:
            store.close()
    except Denied:
        return "denied"
    except Full:
        return "full"
    except BackupError:
        return "away"
    return SOUND


def in_words(fault: str) -> str:
    """Why a place can't be used."""
    return {
        "denied": _("it refuses what this server is known by, or won’t let it write"),
        "full": _("it is full"),
    }.get(fault, _("it can’t be reached"))


def _key(where: str) -> str:
    return f"backup.place:{where}"
