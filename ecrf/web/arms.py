"""The arm of a subject, set by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import access
from core.errors import Conflict, Invalid
from core.web.views import writes
from ecrf import permissions, queries, services
from ecrf.models import Subject
from ecrf.services.arms import arms_of
from ecrf.web.intake_forms import ArmForm
from ecrf.web.places import project_of


def panel(request: HttpRequest, subject: Subject) -> dict[str, Any] | None:
    """What a subject's page says of his arm; nothing where the forms have none."""
    arms = arms_of(subject.project)
    if not arms and not subject.arm:
        return None
    may = access.can(request.user, permissions.SET_ARM, subject.project, subject.site)
    return {"title": arms.get(subject.arm, subject.arm), "choices": list(arms.items()), "may_set": may}


@writes
def set_arm(request: HttpRequest, project: str, subject: UUID) -> HttpResponse:
    found = project_of(request.user, project)
    who: Subject = access.fetch(queries.subjects_of(request.user, found), request.user, pk=subject)
    form = ArmForm(request.POST)
    form.is_valid()
    values = {"arm": "", "reason": "", **form.cleaned_data}
    try:
        kept = services.set_arm(request.user, who, values["arm"], values["reason"])
    except Invalid as error:
        messages.error(request, " ".join(str(fault.message) for fault in error.faults))
    except Conflict as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The arm is changed."))
        if kept:
            words = ngettext(
                "%(n)s record of an event that this arm doesn’t have is kept.",
                "%(n)s records of events that this arm doesn’t have are kept.",
                len(kept),
            )
            messages.warning(request, words % {"n": len(kept)})
    return redirect(who)
