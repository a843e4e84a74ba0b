"""Where the journal's heads went, whether the chain leads to them, and how long its events stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.accounts.fresh import fresh
from core.audit import anchors as outside
from core.audit import retention as keeping
from core.audit.models import Anchor, Checkpoint, Segment
from core.errors import Conflict, Invalid
from core.jobs.models import Job
from core.journal import services
from core.journal.web.views import fetch, last_verification, only_administrators
from core.web.forms import show_faults
from core.web.views import page, reads, see_other, writes

if TYPE_CHECKING:
    from core.access.models import Project
    from core.web.request import Request

SHOWN = 10


class HeadsForm(forms.Form):
    heads = forms.CharField(
        label=gettext_lazy("What you kept"),
        help_text=gettext_lazy("Paste the mail, or the lines of the files, as you have them."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        max_length=services.LONGEST,
    )


@page
def anchors(request: HttpRequest, project: str) -> HttpResponse:
    found = fetch(request, project)
    access.require(request.user, services.VERIFY, found)
    return show_anchors(request, found)


@page
def anchors_of_instance(request: HttpRequest) -> HttpResponse:
    only_administrators(request)
    return show_anchors(request, None)


def show_anchors(request: HttpRequest, project: Project | None) -> HttpResponse:
    """The last heads that went out, and a form that checks the chain against what somebody kept."""
    form = HeadsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.verify_journal(request.user, project, form.cleaned_data["heads"])
        except Invalid as error:
            show_faults(form, error)
        except Conflict as conflict:
            messages.warning(request, str(conflict.message))
        else:
            return see_other(
                reverse("audit:journal", args=[project.slug]) if project else reverse("audit:instance"), request
            )
    last = [Anchor.objects.filter(place=place).first() for place in Anchor.Place.values]
    context = {
        "project": project,
        "shell": "portal/project.html" if project else "portal/base.html",
        "form": form,
        "places": [anchor for anchor in last if anchor],
        "rows": Anchor.objects.all()[:SHOWN],
        "shows_targets": project is None,
        "set": outside.targets(),
        "head": Checkpoint.objects.order_by("-sequence").first(),
        "verification": last_verification(project),
    }
    return render(request, "journal/anchors.html", context, status=422 if form.errors else 200)


@writes
def archive(request: HttpRequest) -> HttpResponseBase:
    """Start it. Others are told that there is no such page before anybody is asked who he is."""
    only_administrators(request)
    return start_archiving(request)


@fresh
def start_archiving(request: Request) -> HttpResponse:
    try:
        services.archive_journal(request.user)
    except Conflict as conflict:
        messages.warning(request, str(conflict.message))
    else:
        messages.success(request, _("The archiving has begun."))
    return see_other(reverse("audit:retention"), request)


@reads
def retention(request: Request) -> HttpResponse:
    """How long events stay, what would leave now, what has left."""
    only_administrators(request)
    planned = keeping.due()
    context = {
        "days": settings.AUDIT_KEEP_DAYS,
        "reason": settings.AUDIT_KEEP_REASON,
        "cutoff": keeping.cutoff(),
        "is_short": settings.AUDIT_KEEP_DAYS < keeping.SHORT,
        "planned": planned,
        "planned_events": sum(each.count for each in planned),
        "archive_url": reverse("audit:archive"),
        "segments": Segment.objects.order_by("-number")[:SHOWN],
        "job": Job.objects.filter(task=services.ARCHIVE).select_related("owner").first(),
        "folder": keeping.folder(),
    }
    return render(request, "journal/retention.html", context)
