"""What every page knows of the portal: the projects one may switch to, and who is asking."""

from __future__ import annotations

import tomllib
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core.access.models import Project
from core.accounts.models import User
from core.announcements import services as announcements
from core.announcements.models import Announcement, Maintenance
from core.db import after_read
from core.desk import services as desk
from core.desk.models import Settings
from core.notices import services as notices
from core.portal import navigation

VERSION: str = tomllib.loads((settings.ROOT / "pyproject.toml").read_text())["project"]["version"]


class Portal:
    """Asked by the templates; nothing is read from the database before a template needs it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.languages = settings.LANGUAGES
        self.demo = settings.DEMO
        self.version = VERSION
        self.source = settings.SOURCE_URL

    @cached_property
    def projects(self) -> list[Project]:
        rows = Project.objects.visible_to(self.request.user).filter(archived_at=None)
        return list(rows.select_related("organisation").order_by("name"))

    @property
    def here(self) -> str:
        """The app whose page this is."""
        match = self.request.resolver_match
        return match.app_name if match else ""

    @property
    def page(self) -> str:
        """The name of this page's URL."""
        match = self.request.resolver_match
        return match.view_name if match else ""

    @cached_property
    def announcements(self) -> list[Announcement]:
        """What is said to everybody now."""
        return list(announcements.current(self.request.user))

    @property
    def maintenance(self) -> Maintenance:
        return announcements.maintenance()

    @cached_property
    def settings(self) -> Settings:
        """How the reader wishes the pages to look and behave."""
        user = self.request.user
        return desk.settings_of(user) if isinstance(user, User) else Settings()

    @cached_property
    def unread(self) -> int:
        """How many notices aren't read; that of the very page one has opened is read by this."""
        user = self.request.user
        if not isinstance(user, User):
            return 0
        urls = list(notices.of(user).filter(read_at=None).values_list("url", flat=True))
        here = urls.count(self.request.path)
        if here and self.request.method == "GET":
            after_read(lambda: notices.seen(user, self.request.path))
        return len(urls) - here

    @cached_property
    def person_links(self) -> list[navigation.Link]:
        user = self.request.user
        return navigation.of_person(user) if isinstance(user, User) else []

    @cached_property
    def account_links(self) -> list[navigation.Link]:
        return navigation.of_account()


def portal(request: HttpRequest) -> dict[str, Any]:
    return {"portal": Portal(request)}
