"""The people and groups that a directory reads: never another organisation's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Case, CharField, DateTimeField, F, FilteredRelation, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest

from core.accounts.models import User
from core.scim import rules
from core.scim.models import Group

if TYPE_CHECKING:
    from core.access.models import Organisation


def people(organisation: Organisation) -> QuerySet[User]:
    """Each person with what the directory says of him beside."""
    entry = FilteredRelation("entries", condition=Q(entries__organisation=organisation, entries__removed_at=None))
    theirs = Prefetch(
        "directory_groups", Group.objects.filter(organisation=organisation).order_by("name"), to_attr="groups_here"
    )
    return (
        rules.reached(organisation)
        .annotate(entry=entry)
        .annotate(
            user_name=Coalesce("entry__user_name", "email", output_field=CharField()),
            external_id=Coalesce("entry__external_id", Value("")),
            display_name=Coalesce("entry__display_name", "full_name"),
            formatted=Coalesce("entry__formatted", "full_name"),
            says_language=Coalesce("entry__language", "language"),
            email_type=Coalesce("entry__email_type", Value("work")),
            email_primary=Case(When(entry__isnull=True, then=Value(True)), default="entry__email_primary"),
            given_name=Coalesce("entry__given_name", Value("")),
            family_name=Coalesce("entry__family_name", Value("")),
            changed_at=Greatest(
                "created_at", Coalesce("entry__changed_at", F("created_at"), output_field=DateTimeField())
            ),
        )
        .prefetch_related(theirs)
        .order_by("created_at", "pk")
    )


def groups(organisation: Organisation) -> QuerySet[Group]:
    reached = Prefetch("members", rules.reached(organisation).order_by("pk"), to_attr="members_here")
    return Group.objects.filter(organisation=organisation).prefetch_related(reached).order_by("created_at", "pk")
