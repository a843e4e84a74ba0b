"""The faces of the tool: six areas, each with its pages below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import access
from core.access.models import Project
from core.web.tabs import Tabs
from ecrf import permissions
from ecrf.consents import with_consents


@dataclass(frozen=True)
class Face:
    """A page of an area, for who holds one of the permissions in `needs`; for everybody where it has none."""

    key: str
    words: Any
    url: str
    needs: tuple[str, ...] = ()


AREAS: tuple[tuple[Any, tuple[Face, ...]], ...] = (
    (
        _("Subjects"),
        (
            Face("subjects", _("All subjects"), "home"),
            Face("visits", _("Visits"), "visits"),
            Face("participants", _("Participants"), "participants", (permissions.PARTICIPANTS,)),
            Face("consents", _("Consents"), "consents"),
        ),
    ),
    (
        _("Queries and review"),
        (
            Face("queries", _("Queries"), "query_list"),
            Face("verification", _("Verification"), "verification"),
            Face("quality", _("Data quality"), "quality"),
            Face("coding", _("Coding"), "coding", (permissions.CODE, permissions.MANAGE_DICTIONARIES)),
            Face("locks", _("Locks"), "locks"),
        ),
    ),
    (_("Follow-up"), (Face("reports", _("Follow-up"), "reports"),)),
    (_("Randomisation"), (Face("randomisation", _("Randomisation"), "schemes"),)),
    (
        _("Data"),
        (
            Face("exports", _("Exports"), "exports", permissions.EXPORTS),
            Face("imports", _("Imports"), "data_import_new", (permissions.IMPORT,)),
            Face("offline", _("Offline"), "offline_devices", (permissions.TAKE_OFFLINE, permissions.LOCK)),
        ),
    ),
    (_("Forms"), (Face("forms", _("Forms"), "forms"),)),
)


def tabs(request: HttpRequest, project: Project, current: str) -> Tabs:
    """The areas, and below them the pages of the one where `current` is."""
    held = access.abilities(request.user, project)
    consents = with_consents(project).exists()
    above: list[Any] = []
    below: list[Any] = []
    for words, faces in AREAS:
        open_ = [face for face in faces if shown(face, held, consents=consents) or face.key == current]
        if not open_:
            continue
        here = any(face.key == current for face in open_)
        above.append((words, address(project, open_[0]), here, None))
        if here and len(open_) > 1:
            below = [(face.words, address(project, face), face.key == current, None) for face in open_]
    return Tabs(above, below)


def shown(face: Face, held: frozenset[str], *, consents: bool) -> bool:
    if face.key == "consents" and not consents:
        return False
    return not face.needs or not held.isdisjoint(face.needs)


def address(project: Project, face: Face) -> str:
    return reverse(f"ecrf:{face.url}", args=[project.slug])
