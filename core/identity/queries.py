"""Whom one may find in the directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from core.access.models import Membership, Project
from core.access.scope import limits_of
from core.accounts.models import User

if TYPE_CHECKING:
    from core.access.scope import Actor


def directory(actor: Actor) -> QuerySet[User]:
    """The people of the projects whose members the actor may see, and of the organisations he is a member of.

    Nobody outside sees anybody; who has left, or whose account is closed, is not found. By a token: its project alone.
    """
    if not actor.is_active or actor.pk is None:
        return User.objects.none()
    active = Membership.objects.active()
    projects = Project.objects.visible_to(actor, "access.view_members")
    found = Q(project__in=projects.values("pk"))
    if limits_of(actor) is None:
        mine = active.filter(user=actor.pk, organisation__isnull=False)
        found |= Q(organisation__in=mine.values("organisation"))
    people = User.objects.filter(is_active=True, pk__in=active.filter(found).values("user"))
    return people.select_related("profile").prefetch_related("profile__practices").order_by("full_name", "pk")


def at_structure(word: str) -> Q:
    """Those who work at a structure of this name or number."""
    from core.identity.models import Practice

    return Q(pk__in=Practice.objects.filter(Q(name__icontains=word) | Q(finess=word)).values("profile"))
