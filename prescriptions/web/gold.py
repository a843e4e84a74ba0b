"""Gold data: what may leave, and the lines that are held back until somebody has looked at them."""

from __future__ import annotations

from itertools import pairwise
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from core import access, audit
from core.errors import Conflict
from core.web.views import reads, writes
from prescriptions import permissions, services
from prescriptions.gold import Candidate, candidates
from prescriptions.web.lines import number
from prescriptions.web.places import line_of, project_of

SHOWN = 50
KINDS = {
    "name": _("a name"),
    "birth": _("an age or a birth"),
    "date": _("a date"),
    "nir": _("a social security number"),
    "phone": _("a telephone number"),
    "mail": _("a mail address"),
    "web": _("a web address"),
    "address": _("an address"),
    "number": _("a number that may be somebody’s"),
}


@reads
def show(request: HttpRequest, project: str) -> HttpResponse:
    """How many lines may leave, and those that are held back, with what is suspicious in them."""
    found = project_of(request.user, project)
    access.require(request.user, permissions.GOLD, found)
    leaving, held, kept = 0, [], 0
    for each in candidates(found):
        leaving += each.leaves
        kept += each.decision is False
        if each.is_held:
            held.append(each)
    audit.record(request.user, "prescriptions.gold_looked_at", project=found, lines=len(held))
    context = {
        "project": found,
        "leaving": leaving,
        "held": [shown(each) for each in held[:SHOWN]],
        "held_count": len(held),
        "kept": kept,
    }
    return render(request, "prescriptions/gold.html", context)


def shown(found: Candidate) -> dict[str, object]:
    """A held line cut where suspicion begins and ends."""
    marks = [(each.start, each.end) for each in found.suspicions]
    edges = sorted({0, len(found.text), *(edge for mark in marks for edge in mark)})
    pieces = [
        (found.text[start:end], any(begin <= start and end <= stop for begin, stop in marks))
        for start, end in pairwise(edges)
    ]
    kinds = dict.fromkeys(KINDS[each.kind] for each in (*found.suspicions, *found.hidden))
    return {"line": found.line, "pieces": pieces, "kinds": list(kinds), "in_values": bool(found.hidden)}


@writes
def publish(request: HttpRequest, project: str) -> HttpResponse:
    """Publish what may leave."""
    job = services.start_gold(request.user, project_of(request.user, project))
    return redirect("jobs:job", job.pk)


@writes
def decide(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """This line tells of nobody, or stays here."""
    line = line_of(request.user, project_of(request.user, project), pk)
    leaves = request.POST.get("leaves") == "yes"
    try:
        services.clear_line(request.user, line, leaves=leaves, revision=number(request, "revision"))
    except Conflict as error:
        messages.error(request, str(error.message))
    return redirect("prescriptions:gold", project)
