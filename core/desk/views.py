"""The views of a list, as its head offers them, and the one it opens with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.access.models import Project
from core.accounts.models import User
from core.desk.models import Start, View

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.web.table import Table


@dataclass(frozen=True)
class Offer:
    """A view in the menu of its list."""

    view: View
    address: str
    is_current: bool
    is_first: bool
    is_own: bool


def key_of(table: Table) -> str:
    """Names a list: the address of its page, and its own name there."""
    match = table.request.resolver_match
    return f"{match.view_name if match else ''} {table.name}"


def project_of(request: HttpRequest) -> str:
    """The slug of the project that the list is of; nothing where it is of none."""
    match = request.resolver_match
    return str(match.kwargs.get("project", "")) if match else ""


def offered(table: Table) -> list[Offer]:
    """The views of this list that the reader may use, his own first."""
    user = table.request.user
    if not isinstance(user, User):
        return []
    slug = project_of(table.request)
    views = View.objects.visible_to(user).filter(table=key_of(table), project__slug=slug or None)
    views = views.select_related("user", "project") if slug else views
    first = set(Start.objects.filter(user=user, view__in=views).values_list("view_id", flat=True))
    current = table.request.GET.get("view", "")
    offers = [
        Offer(
            view,
            f"{table.request.path}?{view.query}&view={view.pk}".replace("?&", "?"),
            str(view.pk) == current,
            view.pk in first,
            view.user_id == user.pk,
        )
        for view in views
    ]
    return sorted(offers, key=lambda offer: (not offer.is_own, offer.view.name.lower()))


def starting_view(table: Table) -> str:
    """The address of the view with which the list opens for this reader; nothing where it opens with everything."""
    user = table.request.user
    if not isinstance(user, User):
        return ""
    slug = project_of(table.request)
    project = {"project__slug": slug} if slug else {"project": None}
    start = Start.objects.filter(user=user, table=key_of(table), **project).select_related("view").first()
    if start is None or not View.objects.visible_to(user).filter(pk=start.view_id).exists():
        return ""
    return f"{table.request.path}?{start.view.query}&view={start.view_id}".replace("?&", "?")


def project_named(actor: User, slug: str) -> Project | None:
    return Project.objects.visible_to(actor).filter(slug=slug).first() if slug else None
