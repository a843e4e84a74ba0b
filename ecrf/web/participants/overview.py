"""Who is invited, who has answered, what will be sent: the team's list of invitations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core import access
from core.access.models import Project
from core.errors import Conflict
from core.web.table import Column, Filter, Table
from core.web.templatetags.web import when
from core.web.views import reads, writes
from ecrf import permissions, queries
from ecrf.models import Invitation, Participant, Questionnaire
from ecrf.services import participants
from ecrf.web.places import project_of
from ecrf.web.tabs import tabs

STATES = {
    "planned": (gettext_lazy("Planned"), "waiting"),
    "invited": (gettext_lazy("Invited"), "waiting"),
    "opened": (pgettext_lazy("invitation", "Opened"), "running"),
    "begun": (gettext_lazy("Begun"), "running"),
    "answered": (pgettext_lazy("questionnaire", "Answered"), "done"),
    "expired": (gettext_lazy("Not answered in time"), "warning"),
    "revoked": (gettext_lazy("Withdrawn"), "locked"),
}


def in_state(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    """The rows whose `state` is this one: the same rules as of the model, asked of the database."""
    now = timezone.now()
    if state == "revoked":
        return rows.exclude(revoked_at=None)
    rows = rows.filter(revoked_at=None)
    if state == "answered":
        return rows.exclude(answered_at=None)
    rows = rows.filter(answered_at=None)
    if state == "expired":
        return rows.filter(closes_at__lte=now)
    rows = rows.filter(closes_at__gt=now)
    if state == "begun":
        return rows.exclude(begun_at=None)
    rows = rows.filter(begun_at=None)
    if state == "planned":
        return rows.filter(opens_at__gt=now)
    rows = rows.filter(opens_at__lte=now)
    return rows.exclude(opened_at=None) if state == "opened" else rows.filter(opened_at=None)


@reads
def listing(request: HttpRequest, project: str) -> HttpResponse:
    found = project_of(request.user, project)
    access.require(request.user, permissions.PARTICIPANTS, found)
    rows = Invitation.objects.visible_to(request.user).filter(subject__project=found)
    asked = questionnaires_of(request, found)
    table = Table(
        request,
        rows.select_related("subject__site", "subject__project", "subject__participant", "questionnaire"),
        columns(),
        name="invitations",
        caption=_("Invitations"),
        search=("subject__number__icontains",),
        filters=[
            Filter("state", _("State"), [(key, words) for key, (words, _look) in STATES.items()], in_state),
            Filter("questionnaire", _("Questionnaire"), [(str(one.pk), one.name) for one in asked], "questionnaire"),
            Filter(
                "queue", _("Mail"), [("due", _("Waits to be sent")), ("bounced", _("Refused by its server"))], by_mail
            ),
        ],
        order=("-created_at",),
        empty={
            "icon": "mail-forward",
            "title": _("Nobody is invited yet"),
            "text": _("Make a questionnaire of some pages of a form, then invite participants from their page."),
        },
    )
    context = {
        "project": found,
        "tabs": tabs(request, found, "participants"),
        "questionnaires": asked,
        "forms": queries.forms_of(request.user, found),
        "may_design": access.can(request.user, permissions.DESIGN, found),
        "counts": counts(rows),
    }
    return table.respond("ecrf/participants/overview.html", context)


def questionnaires_of(request: HttpRequest, project: Project) -> list[Questionnaire]:
    """With how many were invited and have answered, at the sites that the reader sees."""
    seen = Invitation.objects.visible_to(request.user).filter(revoked_at=None)
    invited = Q(invitations__in=seen)
    rows = Questionnaire.objects.visible_to(request.user).filter(form__project=project)
    return list(
        rows.select_related("form__project", "form__current").annotate(
            invited=Count("invitations", filter=invited),
            answered=Count("invitations", filter=invited & Q(invitations__answered_at__isnull=False)),
        )
    )


def counts(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    return [
        {"key": key, "word": words, "look": look, "count": count}
        for key, (words, look) in STATES.items()
        if (count := in_state(rows, key).count())
    ]


def by_mail(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "due":
        return rows.exclude(mail_at=None)
    return rows.exclude(subject__participant__bounced_at=None).exclude(subject__participant=None)


def columns() -> list[Column]:
    return [
        Column(
            "subject",
            _("Subject"),
            "subject.number",
            sort=("subject__site__code", "subject__sequence"),
            template="ecrf/participants/cell_subject.html",
            fixed=True,
        ),
        Column("questionnaire", _("Questionnaire"), "questionnaire.name", sort=("questionnaire__name",)),
        Column("state", _("State"), lambda one: STATES[one.state], template="ecrf/participants/cell_state.html"),
        Column("closes", _("Open until"), lambda one: when(one.closes_at), sort=("closes_at",)),
        Column("mails", _("Mails"), "mails", sort=("mails",), numeric=True),
        Column("next", _("Next mail"), next_mail, sort=(F("mail_at").asc(nulls_last=True),)),  # type: ignore[arg-type]
        Column("origin", _("Origin"), "get_origin_display", sort=("origin",)),
        Column("acts", _("Acts"), "pk", template="ecrf/participants/cell_acts.html", fixed=True),
    ]


def next_mail(one: Invitation) -> str:
    """When the next mail leaves, or why none does."""
    person: Participant | None = getattr(one.subject, "participant", None)
    if one.mail_at is None or one.state in ("revoked", "answered", "expired"):
        return ""
    if person is None or not person.email:
        return _("no address")
    if person.bounced_at:
        return _("address refused")
    if person.unsubscribed_at:
        return _("wants no mails")
    return when(one.mail_at)


def invitation_of(request: HttpRequest, project: str, pk: UUID) -> Invitation:
    related = ("subject__project", "subject__site", "questionnaire__form__current", "questionnaire__form__project")
    rows = Invitation.objects.select_related(*related).filter(subject__project=project_of(request.user, project))
    one: Invitation = access.fetch(rows, request.user, pk=pk)
    return one


@writes
def act(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """Withdraw an invitation, or have its mail sent again."""
    one = invitation_of(request, project, pk)
    try:
        if request.POST.get("act") == "revoke":
            participants.revoke(request.user, one)
            messages.success(request, _("The invitation is withdrawn: its links open nothing any more."))
        else:
            participants.resend(request.user, one)
            messages.success(request, _("The mail leaves within a minute."))
    except Conflict as error:
        messages.error(request, str(error.message))
    return redirect("ecrf:participants", project)


@writes
def link(request: HttpRequest, project: str, pk: UUID) -> HttpResponse:
    """A link to give by hand, shown this once, with its picture to print."""
    one = invitation_of(request, project, pk)
    try:
        address = participants.make_link(request.user, one)
    except Conflict as error:
        messages.error(request, str(error.message))
        return redirect("ecrf:participants", project)
    return shown_once(request, one.subject.project, one.questionnaire, address, one)


def shown_once(
    request: HttpRequest, project: Project, questionnaire: Questionnaire, address: str, one: Invitation | None = None
) -> HttpResponse:
    context = {
        "project": project,
        "questionnaire": questionnaire,
        "invitation": one,
        "link": address,
        "picture": segno.make(address, error="m").svg_data_uri(scale=6, border=2),
    }
    response = render(request, "ecrf/participants/link.html", context)
    response["Cache-Control"] = "private, no-store"
    return response
