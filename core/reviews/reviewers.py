"""Who judges the accesses of a place, and what happens when one who should is gone."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q

from core import access
from core.access import offices
from core.access.models import Membership, Organisation, Project
from core.accounts.models import User
from core.reviews.engine.assignment import share
from core.reviews.models import MANAGE, OVERSEE, Line

if TYPE_CHECKING:
    from core.access.models import MembershipQuerySet
    from core.access.services.granting import Place

    Tiers = list[list[UUID]]


def tiers(place: Place) -> Tiers:
    """Who may end an access here: its data controllers, else its managers, else who administers the organisation."""
    if isinstance(place, Organisation):
        return [administrators(place)]
    managers = people(access.members_holding(MANAGE, place).filter(project=place))
    controllers = set(people(access.members_holding(OVERSEE, place).filter(project=place)))
    return [[each for each in managers if each in controllers], managers, administrators(place.organisation)]


def administrators(organisation: Organisation) -> list[UUID]:
    rows = Membership.objects.active().granting(offices.MANAGE).filter(organisation=organisation)
    return people(rows.filter(user__is_active=True))


def people(rows: MembershipQuerySet | Any) -> list[UUID]:
    """Each person once, in an order that doesn't change."""
    return list(dict.fromkeys(rows.order_by("member_since", "pk").values_list("user_id", flat=True)))


def others(line: Line) -> bool:
    """Whether somebody else may judge this access than the one who has it."""
    return any(person != line.person_id for tier in tiers(line.place) for person in tier)


def assign(lines: list[Line]) -> None:
    """Say for each of these lines, not yet saved or locked by the caller, who judges it."""
    by_place: dict[Place, list[Line]] = defaultdict(list)
    for line in lines:
        by_place[line.place].append(line)
    for place, here in by_place.items():
        judges = share({line.pk: line.person_id for line in here}, tiers(place))
        for line in here:
            line.reviewer_id = judges[line.pk]


def assign_anew(rows: Any) -> int:
    """Give the open lines among these whose reviewer may no longer judge them to others. Says how many."""
    rows = (
        rows.open().filter(campaign__closed_at=None).select_related("project__organisation", "campaign__organisation")
    )
    lines = list(rows.select_for_update(of=("self",)).order_by("pk"))
    able = {place: {each for tier in tiers(place) for each in tier} for place in {line.place for line in lines}}
    orphaned = [line for line in lines if line.reviewer_id not in able[line.place]]
    assign(orphaned)
    Line.objects.bulk_update(orphaned, ["reviewer"])
    return len(orphaned)


def on_leaving(user: User, project: Project | None, **_signal: Any) -> None:
    """What a person should have judged where he may do less now goes to somebody else."""
    here = Q(project=project) | Q(project=None) if project else Q()
    assign_anew(Line.objects.filter(here, reviewer=user))
