"""The schemes of a project, and one scheme: how full its lists are, how alike its arms, what was done."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core import access
from core.access.models import Project
from core.errors import Conflict
from core.web.views import reads, writes
from ecrf import blinding, permissions, queries, randomised
from ecrf.engine.expressions import write
from ecrf.engine.randomisation import Plan, Stream, balance, preview
from ecrf.models import Scheme
from ecrf.models.forms import reader_language
from ecrf.services import randomisation
from ecrf.services.randomisation.plans import shown
from ecrf.web.places import project_of
from ecrf.web.randomisation.forms import SeedForm
from ecrf.web.randomisation.plots import stacked
from ecrf.web.tabs import tabs

LATEST = 30


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    """Every scheme that the reader may see, with its state and how many were randomised."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.READ, found)
    context = {
        "project": found,
        "schemes": randomised.schemes_of(request.user, found),
        "forms": list(queries.forms_of(request.user, found)),
        "tabs": tabs(request, found, "randomisation"),
        "may_manage": access.can(request.user, permissions.MANAGE_RANDOMISATION, found),
    }
    return render(request, "ecrf/randomisation/schemes.html", context)


def scheme_of(request: HttpRequest, project: Project, pk: UUID) -> Scheme:
    found: Scheme = access.fetch(randomised.schemes_of(request.user, project), request.user, pk=pk)
    return found


@reads
def detail(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """One scheme, as much of it as the reader may see."""
    found = project_of(request.user, project)
    scheme = scheme_of(request, found, pk)
    actor = request.user
    plan = randomisation.plan_of(scheme)
    held = access.abilities(actor, found)
    allocations = list(randomised.allocations_of(actor, scheme)[:LATEST])
    seen = blinding.seen_among(actor, allocations)
    arms = blinding.sees_arm_counts(actor, scheme)
    context = {
        "project": found,
        "scheme": scheme,
        "facts": facts(scheme),
        "has_table": scheme.slots.exists(),
        "lists": bars_of_lists(scheme, with_arms=arms) if blinding.sees_counts(actor, scheme) else None,
        "lines": bars_of_lines(scheme, plan, randomised.balance_of(actor, scheme)),
        "allocations": [
            {"one": one, "arm": scheme.labels.get(one.arm, "") if one.pk in seen and not scheme.blinded else ""}
            for one in allocations
        ],
        "unblindings": randomised.unblindings_of(actor, scheme)[:LATEST],
        "may_manage": permissions.MANAGE_RANDOMISATION in held,
        "may_know": blinding.may_know_the_table(actor, found),
        "seed_form": SeedForm(),
        "trial": tried(scheme, plan) if scheme.status == Scheme.Status.DRAFT and "try" in request.GET else None,
    }
    return render(request, "ecrf/randomisation/scheme.html", context)


def facts(scheme: Scheme) -> list[tuple[Any, str]]:
    """What the scheme is, in words."""
    definition, language = scheme.form.published.loaded, reader_language()
    arms = ", ".join(f"{arm['label']} ({arm['code']})" for arm in scheme.arms)
    factors = [
        definition.text(definition.items[key].spec["label"], language)
        for key in scheme.strata
        if key in definition.items
    ]
    factors += [_("Site")] if scheme.by_site else []
    found = [
        (_("Method"), str(scheme.get_method_display())),
        (_("Arms"), arms),
        (_("Ratio"), " : ".join(str(arm["ratio"]) for arm in scheme.arms)),
        (_("Strata") if scheme.is_table else _("Balanced on"), ", ".join(factors) or _("none")),
        (_("Blinding"), _("Blinded, by kit numbers") if scheme.blinded else _("Open label")),
    ]
    if scheme.method == Scheme.Method.BLOCKS:
        sizes = [str(size) for size in scheme.sizes]
        found.append((_("Blocks"), _("of %(sizes)s, drawn") % {"sizes": ", ".join(sizes)}))
    if scheme.method == Scheme.Method.MINIMISATION:
        chance = f"{scheme.probability.normalize():f}"
        found.append((_("Probability"), f"{chance} · {scheme.get_measure_display()}"))
    if scheme.eligibility is not None:
        found.append((_("Only where"), write(scheme.eligibility)))
    found.append((_("Form"), scheme.form.title))
    return found


def bars_of_lists(scheme: Scheme, *, with_arms: bool) -> list[dict[str, Any]]:
    """Each list with its bar: taken places, by arm where that may be seen."""
    lists = randomised.lists_of(scheme, with_arms=with_arms)
    longest = max((one.total for one in lists), default=0)
    return [
        {
            "name": one.name or _("Everybody"),
            "places": one,
            "bar": stacked(one.arms or (one.used,), longest),
            "end": stacked((one.total,), longest),
        }
        for one in lists
    ]


def bars_of_lines(scheme: Scheme, plan: Plan, lines: Any) -> list[dict[str, Any]]:
    """Each level of each factor with its bar of arms, and how far it is from the ratio."""
    definition, language = scheme.form.published.loaded, reader_language()
    most = max((line.total for line in lines), default=0)
    found = []
    for line in lines:
        words = shown(definition, {line.factor: line.level}, language)[0] if line.factor else ("", _("All subjects"))
        found.append(
            {
                "factor": words[0],
                "level": words[1],
                "counts": line.counts,
                "total": line.total,
                "gap": float(balance.gap(line.counts, plan.ratios)),
                "bar": stacked(line.counts, most),
            }
        )
    return found


def tried(scheme: Scheme, plan: Plan) -> list[dict[str, Any]] | None:
    """Made-up subjects, allocated by numbers drawn for this page: nothing of it is kept, nor of the real table."""
    if scheme.method == Scheme.Method.UPLOADED:
        return None
    definition, language = scheme.form.published.loaded, reader_language()
    past = preview.simulated(plan, scheme.method, Stream(secrets.token_hex(16)), 12)
    return [
        {
            "number": number,
            "levels": " · ".join(label for _key, label in shown(definition, levels, language)),
            "arm": plan.arms[arm].label,
        }
        for number, (levels, arm) in enumerate(past, 1)
    ]


def act(
    request: HttpRequest, project: str, pk: UUID, do: Callable[[Scheme], Any], done: str, *, gone: bool = False
) -> HttpResponse:
    """Do something to a scheme and say so on its page, or say why not."""
    found = project_of(request.user, project)
    scheme = scheme_of(request, found, pk)
    try:
        do(scheme)
    except Conflict as error:
        messages.error(request, str(error.message))
        gone = error.code == "gone"
    else:
        messages.success(request, done)
    return redirect("ecrf:schemes", found.slug) if gone else redirect("ecrf:scheme", found.slug, pk)


@writes
def open_(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    done = _("The randomisation is open. Nothing of the scheme changes any more.")
    return act(request, project, pk, lambda scheme: randomisation.open_scheme(request.user, scheme), done)


@writes
def close(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    why = request.POST.get("reason", "")
    done = _("The randomisation is closed.")
    return act(request, project, pk, lambda scheme: randomisation.close_scheme(request.user, scheme, why), done)


@writes
def reopen(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    why = request.POST.get("reason", "")
    done = _("The randomisation is open again.")
    return act(request, project, pk, lambda scheme: randomisation.reopen_scheme(request.user, scheme, why), done)


@writes
def discard(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    done = _("The draft is discarded. Nothing else has changed.")
    return act(request, project, pk, lambda scheme: randomisation.discard_scheme(request.user, scheme), done, gone=True)
