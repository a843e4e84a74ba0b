"""Hand a tablet to a participant and take it back: the member's session leaves the browser meanwhile."""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from core import access
from core.accounts import limits
from core.errors import Conflict, Invalid
from core.web.views import page
from ecrf import permissions, queries
from ecrf.models import Guest, Questionnaire, Subject
from ecrf.services import participants
from ecrf.services.participants.faults import WrongPin
from ecrf.web.participants.forms import TabletForm
from ecrf.web.participants.guesting import let_in, let_out, visit
from ecrf.web.places import project_of


@page
def hand_over(request: HttpRequest, project: str, subject: UUID) -> HttpResponse:
    """Choose a questionnaire and a PIN; the next page is the participant's."""
    found = project_of(request.user, project)
    who: Subject = access.fetch(queries.subjects_of(request.user, found), request.user, pk=subject)
    access.require(request.user, permissions.SAVE, found, who.site, obj=who)
    asked = Questionnaire.objects.filter(form__project=found, closed_at=None)
    form = TabletForm(request.POST or None, questionnaires=asked.select_related("form__project", "form__current"))
    if request.method == "POST" and form.is_valid():
        try:
            return handed_over(request, who, form.cleaned_data["questionnaire"], form.cleaned_data["pin"])
        except Invalid as error:
            for fault in error.faults:
                form.add_error("pin", str(fault.message))
        except Conflict as error:
            form.add_error("questionnaire", str(error.message))
    context = {"project": found, "subject": who, "form": form, "any": asked.exists()}
    return render(request, "ecrf/participants/hand_over.html", context, status=422 if form.errors else 200)


def handed_over(request: HttpRequest, who: Subject, asked: Questionnaire, pin: str) -> HttpResponse:
    """Give the session another key, which only the server knows, and leave an empty one to the browser."""
    before = str(request.session.session_key)
    request.session.cycle_key()
    aside = str(request.session.session_key)
    request.session.save()
    UserSession.objects.filter(session_key=before).update(session_key=aside)  # whoever ends his sessions ends this one
    language = request.LANGUAGE_CODE
    secret = participants.hand_over(request.user, asked, who, pin, aside, who.get_absolute_url(), language)
    request.session = store()()
    return let_in(HttpResponseRedirect(reverse("participate:fill")), secret)


def store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


@visit
@page
def give_back(request: HttpRequest, guest: Guest) -> HttpResponse:
    """The member's PIN brings his session back; five wrong ones end it."""
    if not guest.is_kiosk:
        return redirect("participate:fill")
    words = ""
    if request.method == "POST":
        try:
            key, back = participants.give_back(guest, request.POST.get("pin", ""))
        except WrongPin as error:
            if not error.left:
                return let_out(render(request, "ecrf/participants/given_up.html", status=403))
            words = _("This PIN isn’t right. Tries left: %(left)s.") % {"left": error.left}
        else:
            return let_out(given_back(request, key, back))
    answered = guest.invitation is not None and guest.invitation.answered_at is not None
    thanks = guest.questionnaire.text("thanks", guest.language) if answered else ""
    context = {"words": words, "answered": answered, "thanks": thanks, "language": guest.language}
    return render(request, "ecrf/participants/give_back.html", context, status=422 if words else 200)


def given_back(request: HttpRequest, key: str, back: str) -> HttpResponse:
    """Put the session into the browser again, if it is still there: its member may have been removed meanwhile."""
    session = store()(session_key=key)
    if session.exists(key) and session.get("_auth_user_id"):
        session[limits.USED] = int(time.time())
        session.cycle_key()
        session.save()
        UserSession.objects.filter(session_key=key).update(session_key=session.session_key)
        request.session = session
        session.modified = True
    there = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return HttpResponseRedirect(back if there else reverse("portal:home"))
