"""What an organisation's administrator looks at and chooses among: tokens, groups and what they give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from core.access.models import Organisation, Project, Role
from core.scim.models import Directory, Group, Mapping

if TYPE_CHECKING:
    from uuid import UUID


def tokens(organisation: Organisation) -> QuerySet[Directory]:
    return Directory.objects.usable().filter(organisation=organisation).select_related("made_by")


def groups(organisation: Organisation) -> QuerySet[Group]:
    return Group.objects.filter(organisation=organisation).annotate(people=Count("members"))


def rules(organisation: Organisation) -> QuerySet[Mapping]:
    rows = Mapping.objects.filter(group__organisation=organisation)
    return (
        rows.select_related("group__organisation", "project")
        .prefetch_related("roles")
        .order_by("group__name", "project__name")
    )


def rule(organisation: Organisation, pk: UUID) -> Mapping | None:
    return rules(organisation).filter(pk=pk).first()


def projects(organisation: Organisation) -> QuerySet[Project]:
    """By name alone: what is in them stays closed to who isn't a member."""
    return Project.objects.filter(organisation=organisation, archived_at=None).order_by("name")


def roles(organisation: Organisation) -> QuerySet[Role]:
    return Role.objects.filter(Q(organisation=None) | Q(organisation=organisation), retired_at=None)
