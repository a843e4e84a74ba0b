"""Who may sign in to a service: everybody, or who is a member now of what it is open to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from core.access.models import Membership, Project
from core.provider.models import Service

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.accounts.models import User


def may_sign_in(user: User, service: Service) -> bool:
    """Deny unless a membership that counts now leads to one of the organisations or projects it is open to."""
    if not user.is_active or service.disabled_at is not None:
        return False
    return service.audience == Service.Audience.EVERYBODY or counting(user, service).exists()


def counting(user: User, service: Service) -> QuerySet[Membership]:
    """The memberships that a service is told of: all, or those in what it is open to and nothing else."""
    return letting_in(service).filter(user=user)


def letting_in(service: Service) -> QuerySet[Membership]:
    """The memberships that count now in what a service is open to, of whomever."""
    rows = Membership.objects.active()
    match service.audience:
        case Service.Audience.ORGANISATIONS:
            theirs = service.organisations.values("pk")
            return rows.filter(Q(organisation__in=theirs) | Q(project__organisation__in=theirs))
        case Service.Audience.PROJECTS:
            some = service.projects.values("pk")
            own = Project.objects.filter(pk__in=some).values("organisation")
            return rows.filter(Q(project__in=some) | Q(organisation__in=own))
    return rows
