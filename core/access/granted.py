"""Where a person holds a permission now, as SQL: one text, which PostgreSQL reads and no request puts together.

It says what `Membership.objects.active().granting(permission)` says. A page asks a dozen times, and the queryset took
longer to build than PostgreSQL to answer.
"""

# ruff: noqa: S608, S611  (the texts are fixed, and every value goes as a parameter)

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import UUIDField
from django.db.models.expressions import RawSQL
from django.utils import timezone

if TYPE_CHECKING:
    from core.access.scope import Actor

COUNTS = """
    m.user_id = %s AND m.starts_at <= %s AND (m.ends_at IS NULL OR m.ends_at > %s)
    AND (m.delegated_from_id IS NULL OR EXISTS (
        SELECT FROM access_membership s WHERE s.id = m.delegated_from_id AND (s.ends_at IS NULL OR s.ends_at > %s)))
    AND EXISTS (
        SELECT FROM access_membership_roles h JOIN access_role r ON r.id = h.role_id
        WHERE h.membership_id = m.id AND r.permissions @> ARRAY[%s]::varchar[])
"""
PROJECTS = "SELECT m.project_id FROM access_membership m WHERE m.project_id IS NOT NULL AND" + COUNTS
OF_ORGANISATIONS = (
    "SELECT p.id FROM access_project p JOIN access_membership m ON m.organisation_id = p.organisation_id WHERE" + COUNTS
)
SITES = (
    "SELECT t.site_id FROM access_membership_sites t JOIN access_membership m ON m.id = t.membership_id WHERE" + COUNTS
)
WHOLE = " AND m.all_sites"


def projects(actor: Actor, permission: str, *, whole: bool = False, by_office: bool = True) -> RawSQL:
    """The ids of the projects in which he holds it.

    With `whole`, only by a membership of all sites; without `by_office`, not by one of the organisation.
    """
    values = _values(actor, permission)
    parts = [PROJECTS + WHOLE if whole else PROJECTS, *([OF_ORGANISATIONS] if by_office else [])]
    return RawSQL(" UNION ALL ".join(parts), values * len(parts), output_field=UUIDField())


def sites(actor: Actor, permission: str) -> RawSQL:
    """The ids of the sites at which a membership of some sites gives it to him."""
    return RawSQL(SITES, _values(actor, permission), output_field=UUIDField())


def _values(actor: Actor, permission: str) -> tuple[object, ...]:
    now = timezone.now()
    return (actor.pk, now, now, now, permission)
