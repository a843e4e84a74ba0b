"""What every page knows of the portal: the projects one may switch to, and who is asking."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core.access.models import Project
from core.accounts.models import User
from core.portal import navigation


class Portal:
    """Asked by the templates; nothing is read from the database before a template needs it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.languages = settings.LANGUAGES
        self.demo = settings.DEMO

    @cached_property
    def projects(self) -> list[Project]:
        rows = Project.objects.visible_to(self.request.user).filter(archived_at=None)
        return list(rows.select_related("organisation").order_by("name"))

    @property
    def here(self) -> str:
        """The app whose page this is."""
        match = self.request.resolver_match
        return match.app_name if match else ""

    @cached_property
    def person_links(self) -> list[navigation.Link]:
        user = self.request.user
        return navigation.of_person(user) if isinstance(user, User) else []

    @cached_property
    def account_links(self) -> list[navigation.Link]:
        return navigation.of_account()


def portal(request: HttpRequest) -> dict[str, Any]:
    return {"portal": Portal(request)}
