"""Tell notices in sentences, in the reader's language, and lead only where he may still go."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from django.urls import Resolver404, resolve
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from core import tool
from core.access.models import Project
from core.web.templatetags.web import when

if TYPE_CHECKING:
    from core.accounts.models import User
    from core.notices.models import Notice


class Told(NamedTuple):
    """A notice as one reader sees it."""

    text: str
    url: str
    project: Project | None

    def __str__(self) -> str:
        return self.text


@dataclass
class Teller:
    """Knows the projects of some notices as the reader sees them: one query for all, and one for each tool or room."""

    reader: User
    projects: dict[Any, Project] = field(default_factory=dict)
    opened: dict[str, set[str]] = field(default_factory=dict)
    """For each permission that a page needs, the slugs of the projects in which the reader holds it."""

    def learn(self, notices: Iterable[Notice]) -> None:
        """Read what these notices need."""
        notices = list(notices)
        slugs, needed = set(), defaultdict(set)
        for notice in notices:
            app, slug = place_of(notice.url)
            if slug:
                slugs.add(slug)
                needed[need_of(app)].add(slug)
        keys = {notice.project_id for notice in notices} - {None}
        visible = Project.objects.visible_to(self.reader)
        self.projects = visible.in_bulk(list(keys)) if keys else {}
        for need, wanted in needed.items():
            rows = Project.objects.visible_to(self.reader, need).filter(slug__in=wanted)
            self.opened[need] = set(rows.values_list("slug", flat=True))

    def project(self, notice: Notice) -> Project | None:
        """The project it belongs to, while the reader is a member of it."""
        return self.projects.get(notice.project_id)

    def url(self, notice: Notice) -> str:
        """Where it leads, or nothing where the reader may no longer go."""
        app, slug = place_of(notice.url)
        if not app or (notice.project_id and notice.project_id not in self.projects):
            return ""
        if notice.url.startswith("/instance/") and not self.reader.is_administrator:
            return ""
        return notice.url if not slug or slug in self.opened.get(need_of(app), ()) else ""

    def told(self, notice: Notice) -> Told:
        return Told(sentence(notice), self.url(notice), self.project(notice))


def place_of(url: str) -> tuple[str, str]:
    """The app whose page this is, and the project it lies in; nothing where there is no such page."""
    try:
        match = resolve(url.partition("?")[0].partition("#")[0])
    except Resolver404:
        return "", ""
    return match.app_name or match.url_name or "", str(match.kwargs.get("project", ""))


def need_of(app: str) -> str:
    """The permission without which this app's pages in a project aren't opened."""
    for config in tool.tools():
        if config.label == app:
            return config.needs
    for page in tool.pages(tool.Place.PROJECT):
        if page.home.partition(":")[0] == app and page.needs:
            return page.needs
    return "access.view_project"


def sentence(notice: Notice, nowhere: bool = False) -> str:
    """What happened, by the words that the app declared; one that is no longer declared is said in general.

    `nowhere`: without the name of where it happened, the detail ``where``.
    """
    words = tool.notices().get(notice.kind)
    if words is None:
        return _("Something happened that this version of the suite has no words for.")
    told = Details({key: in_words(value) for key, value in notice.details.items()})
    if nowhere:
        told.pop("where", None)
    return str(words) % told


def described(kind: str) -> str:
    """What a kind of notice says, with an ellipsis for what differs from one to the next."""
    return (str(tool.notices()[kind]) % Details()).replace("….", "…")


class Details(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def in_words(value: object) -> str:
    """A day or a moment as a person reads it, everything else as it is."""
    text = str(value)
    try:
        moment: dt.datetime | dt.date | None = parse_datetime(text) if "T" in text else parse_date(text)
    except ValueError:
        moment = None
    return when(moment) if moment else text
