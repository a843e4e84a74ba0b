"""Invite one participant from his page, or many from lines of a spreadsheet."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import access, audit
from core.errors import Conflict, Invalid
from core.web.forms import show_faults
from core.web.views import page, see_other, writes
from ecrf import permissions, queries
from ecrf.models import Invitation, Participant, Questionnaire, Subject
from ecrf.services import participants
from ecrf.web.participants.designing import questionnaire_of
from ecrf.web.participants.forms import ContactForm, ManyForm
from ecrf.web.participants.overview import STATES
from ecrf.web.places import project_of

SHOWN = 100


@page
def of_subject(request: HttpRequest, project: str, subject: UUID) -> HttpResponse:
    """How a participant is reached and what he is asked; his contact only to who may read contacts."""
    found = project_of(request.user, project)
    who: Subject = access.fetch(queries.subjects_of(request.user, found), request.user, pk=subject)
    access.require(request.user, permissions.PARTICIPANTS, found, who.site, obj=who)
    reads_contacts = access.can(request.user, permissions.CONTACTS, found, who.site)
    asked = list(
        Questionnaire.objects.visible_to(request.user)
        .filter(form__project=found, closed_at=None)
        .select_related("form__current", "form__project")
    )
    person = Participant.objects.filter(subject=who).select_related("subject__project").first()
    languages = list(dict.fromkeys(code for one in asked for code in one.form.published.loaded.languages)) or ["fr"]
    form = None
    if reads_contacts:
        held = {"email": person.email, "phone": person.phone, "language": person.language} if person else {}
        posted = request.POST if request.method == "POST" and "contact" in request.POST else None
        form = ContactForm(posted, initial=held, languages=languages)
        if person is not None and request.method == "GET":
            audit.record(request.user, "ecrf.contact_read", person)
    if request.method == "POST" and (answer := posted_by(request, who, asked, form)) is not None:
        return answer
    invitations = Invitation.objects.filter(subject=who).select_related("questionnaire", "subject__project")
    taken = {one.questionnaire_id for one in invitations if one.revoked_at is None}
    context = {
        "project": found,
        "subject": who,
        "person": person,
        "form": form,
        "asked": [one for one in asked if one.pk not in taken],
        "invitations": [{"one": one, "words": STATES[one.state]} for one in invitations],
        "may_save": access.can(request.user, permissions.SAVE, found, who.site),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "ecrf/participants/of_subject.html", context, status=status)


def posted_by(
    request: HttpRequest, who: Subject, asked: list[Questionnaire], form: ContactForm | None
) -> HttpResponse | None:
    """Keep a contact, or invite to a questionnaire; nothing where the page is to be shown again."""
    here = redirect("ecrf:participant", who.project.slug, who.pk)
    if "contact" in request.POST:
        if form is None or not form.is_valid():
            access.require(request.user, permissions.CONTACTS, who.project, who.site, obj=who)
            return None
        try:
            participants.set_contact(request.user, who, **form.cleaned_data)
        except Invalid as error:
            show_faults(form, error)
            return None
        messages.success(request, _("The contact is saved."))
        return here
    chosen = next((one for one in asked if str(one.pk) == request.POST.get("questionnaire")), None)
    if chosen is None:
        messages.error(request, _("Choose a questionnaire."))
        return here
    try:
        participants.invite(request.user, chosen, who)
    except Conflict as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The participant is invited."))
    return here


@writes
def erase(request: HttpRequest, project: str, subject: UUID) -> HttpResponse:
    """Forget how a participant is reached."""
    found = project_of(request.user, project)
    who: Subject = access.fetch(queries.subjects_of(request.user, found), request.user, pk=subject)
    access.require(request.user, permissions.CONTACTS, found, who.site, obj=who)
    person = Participant.objects.filter(subject=who).first()
    if person is not None:
        person.subject = who
        participants.erase_contact(request.user, person)
    messages.success(request, _("The contact is erased."))
    return redirect(who)


@page
def many(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """First what would be done with each line, or every wrong cell; then it is done."""
    one = questionnaire_of(request, project, pk)
    access.require(request.user, permissions.CONTACTS, one.form.project, obj=one)
    form = ManyForm(request.POST or None)
    context = {"project": one.form.project, "one": one, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            lines = participants.read_contacts(request.user, one.form.project, form.cleaned_data["contacts"].encode())
        except Invalid as error:
            context["faults"] = [placed(fault.place, str(fault.message)) for fault in error.faults]
            return render(request, "ecrf/participants/many.html", context, status=422)
        if "go" in request.POST:
            invited, already = participants.invite_many(request.user, one, lines)
            words = ngettext("%(n)s participant is invited.", "%(n)s participants are invited.", invited)
            messages.success(request, words % {"n": invited})
            if already:
                messages.info(
                    request, _("Not invited, for they were already or no date is known: %(n)s.") % {"n": already}
                )
            return see_other(reverse("ecrf:participants", args=[one.form.project.slug]), request)
        invited_already = set(one.invitations.filter(revoked_at=None).values_list("subject_id", flat=True))
        context["lines"] = [{"one": line, "already": line.subject.pk in invited_already} for line in lines[:SHOWN]]
        context["count"], context["more"] = len(lines), max(0, len(lines) - SHOWN)
    return render(request, "ecrf/participants/many.html", context, status=422 if form.errors else 200)


def placed(place: str, message: str) -> dict[str, str]:
    row, _dot, column = place.partition(".")
    return {"row": row, "column": column, "message": message}
