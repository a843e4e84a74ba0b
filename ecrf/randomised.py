"""Reads of the randomisation: how full each list is, how alike the arms are, what was done. Never what comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, QuerySet

from core.access.models import Project
from ecrf import blinding, permissions
from ecrf.engine.randomisation import balance
from ecrf.models import Allocation, Scheme, Stratum, Subject, Unblinding
from ecrf.models.forms import reader_language
from ecrf.services.randomisation.plans import plan_of, shown

if TYPE_CHECKING:
    from core.access.scope import Actor

FEW = 10
"""A list is short of places where one in so many is left."""


@dataclass(frozen=True)
class Places:
    """One list of the table: its stratum in words, how many places, how many taken; by arm where that may be seen."""

    name: str
    total: int
    used: int
    arms: tuple[int, ...] = ()

    @property
    def left(self) -> int:
        return self.total - self.used

    @property
    def is_short(self) -> bool:
        return self.left <= max(1, self.total // FEW)


def schemes_of(actor: Actor, project: Project) -> QuerySet[Scheme]:
    """The schemes of a project; drafts only for who manages them."""
    rows = Scheme.objects.visible_to(actor).filter(project=project).select_related("form__current", "project")
    managed = Scheme.objects.visible_to(actor, permissions.MANAGE_RANDOMISATION).values("pk")
    return (rows.exclude(status=Scheme.Status.DRAFT) | rows.filter(pk__in=managed)).annotate(
        randomised=Count("allocations", distinct=True)
    )


def allocations_of(actor: Actor, scheme: Scheme) -> QuerySet[Allocation]:
    """Who was randomised, where the reader sees subjects; newest first."""
    rows = Allocation.objects.visible_to(actor).filter(scheme=scheme)
    return rows.select_related("subject__site", "subject__project", "scheme", "by").order_by("-created_at")


def unblindings_of(actor: Actor, scheme: Scheme) -> QuerySet[Unblinding]:
    rows = Unblinding.objects.visible_to(actor).filter(allocation__scheme=scheme)
    return rows.select_related("allocation__subject__project", "by").order_by("-created_at")


def of_subject(subject: Subject) -> dict[Any, Allocation]:
    """The allocations of a subject by scheme."""
    rows = Allocation.objects.filter(subject=subject).select_related("scheme", "by").prefetch_related("unblindings__by")
    found = {}
    for one in rows:
        one.subject = subject
        found[one.scheme_id] = one
    return found


def subjects_and_arms(scheme: Scheme) -> list[tuple[Allocation, int]]:
    """Everybody who was randomised, with the place of his arm. Opens what is sealed: ask who may see it first."""
    places = {arm["code"]: place for place, arm in enumerate(scheme.arms)}
    rows = list(Allocation.objects.filter(scheme=scheme).order_by("created_at"))
    for one in rows:
        one.scheme = scheme
    return [(one, places[one.arm]) for one in rows]


def lists_of(scheme: Scheme, *, with_arms: bool) -> list[Places]:
    """Each list in the order of its levels, in words."""
    definition, language = scheme.form.published.loaded, reader_language()
    totals = dict(scheme.slots.order_by().values_list("stratum").annotate(Count("pk")))
    used = dict(Allocation.objects.filter(scheme=scheme).order_by().values_list("stratum").annotate(Count("pk")))
    arms: dict[Any, Counter[int]] = {}
    for one, place in subjects_and_arms(scheme) if with_arms else ():
        arms.setdefault(one.stratum_id, Counter())[place] += 1
    found = []
    for stratum in Stratum.objects.filter(scheme=scheme):
        stratum.scheme = scheme
        levels = stratum.levels
        words = " · ".join(label for _key, label in shown(definition, levels, language))
        counts = arms.get(stratum.pk, Counter())
        by_arm = tuple(counts[place] for place in range(len(scheme.arms))) if with_arms else ()
        places = Places(words, totals.get(stratum.pk, 0), used.get(stratum.pk, 0), by_arm)
        found.append((list(levels.values()), places))
    return [places for _levels, places in sorted(found, key=lambda pair: pair[0])]


def balance_of(actor: Actor, scheme: Scheme) -> Sequence[balance.Line]:
    """Subjects by arm for each level of each factor; nothing for who may not see it."""
    if not blinding.sees_arm_counts(actor, scheme):
        return ()
    return balance.marginal(plan_of(scheme), [(one.basis["levels"], arm) for one, arm in subjects_and_arms(scheme)])
