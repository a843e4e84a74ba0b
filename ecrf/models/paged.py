"""Rows that belong to a page of a form: who doesn't read the page doesn't see them in any list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Q

from core.access.scope import ScopedQuerySet
from core.db import once
from ecrf.models.forms import Form, FormVersion
from ecrf.models.page_rights import grants_of, rules_of, worked_out

if TYPE_CHECKING:
    from core.access.scope import Actor

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Paged:
    """The lookups from a row to its form, its site, and the page or the item that it is about."""

    form: str
    site: str
    page: str = ""
    item: str = ""


@dataclass(frozen=True)
class Kept:
    """What of a form is kept from somebody: at these sites, or at all others than these."""

    form: UUID
    sites: frozenset[UUID]
    others: bool
    pages: frozenset[str]
    items: frozenset[str]


class PagedQuerySet(ScopedQuerySet[M]):
    def visible_to(self, actor: Actor, permission: str | None = None) -> Self:
        rows = super().visible_to(actor, permission)
        if actor.pk is None:
            return rows
        paged: Paged = self.model.paged  # type: ignore[attr-defined]
        for one in kept_from(actor):
            here = Q(**{paged.form: one.form})
            if one.sites:
                at = Q(**{f"{paged.site}__in": one.sites})
                here &= ~at if one.others else at
            about = Q(**{f"{paged.page}__in": one.pages}) if paged.page else Q(**{f"{paged.item}__in": one.items})
            rows = rows.exclude(here & about)
        return rows


def kept_from(actor: Actor) -> list[Kept]:
    """What is kept from somebody in all his projects; one query where no form has rules."""
    return once(("pages kept", actor.pk), lambda: _kept_from(actor.pk))


def _kept_from(person: Any) -> list[Kept]:
    ruled = (
        Form.objects.filter(
            Q(page_rules__isnull=False) | Q(double_entry__second_roles__isnull=False), project__memberships__user=person
        )
        .distinct()
        .values_list("pk", "project")
    )
    forms = dict(ruled.order_by())
    found = []
    for form, rules in (rules_of(forms) if forms else {}).items():
        grants = grants_of(person, forms[form])
        limited = frozenset(site for grant in grants if not grant.all_sites for site in grant.sites)
        places: list[tuple[UUID | None, frozenset[UUID], bool]] = [(site, frozenset({site}), False) for site in limited]
        everywhere = [grant for grant in grants if grant.all_sites]
        for site, sites, others in [*places, (None, limited, True)]:
            here = grants if site else everywhere
            hidden = worked_out(rules, person, here, site).hidden
            if hidden:
                found.append(Kept(form, sites, others, hidden, items_of(form, hidden)))
    return found


def items_of(form: UUID, pages: frozenset[str]) -> frozenset[str]:
    """The items that any version of the form asked on these pages."""
    return frozenset(
        item["key"]
        for version in FormVersion.objects.filter(form=form).only("definition")
        for page in version.definition["pages"]
        if page["key"] in pages
        for group in page["groups"]
        for item in group["items"]
    )
