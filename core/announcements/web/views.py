"""What administrators announce, and how they shut the suite; to others these pages aren't there."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access.web.instance import administrators
from core.announcements import services
from core.announcements.models import Announcement, Maintenance
from core.errors import Invalid
from core.web.forms import show_faults
from core.web.request import Request
from core.web.table import Column, Table
from core.web.views import page, reads, see_other, writes


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class AnnouncementForm(forms.Form):
    text_fr = forms.CharField(label=gettext_lazy("Text in French"), max_length=300)
    text_en = forms.CharField(label=gettext_lazy("Text in English"), max_length=300)
    level = forms.ChoiceField(label=gettext_lazy("Level"), choices=Announcement.Level.choices)
    starts_at = forms.DateTimeField(label=gettext_lazy("From"), widget=MomentInput)
    ends_at = forms.DateTimeField(label=gettext_lazy("Until"), widget=MomentInput)


class MaintenanceForm(forms.Form):
    mode = forms.ChoiceField(
        label=gettext_lazy("The suite is"), choices=Maintenance.Mode.choices, widget=forms.RadioSelect
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Expected end"),
        required=False,
        widget=MomentInput,
        help_text=gettext_lazy("It is told to those who come; the suite doesn’t open by itself."),
    )


@administrators
@reads
def listing(request: Request) -> HttpResponse:
    table = Table(
        request,
        Announcement.objects.select_related("author"),
        columns=(
            Column("text", _("Announcement"), value=str, template="announcements/cells/text.html"),
            Column("level", _("Level"), value="get_level_display"),
            Column("starts_at", _("From"), sort=("starts_at",), template="announcements/cells/when.html"),
            Column("ends_at", _("Until"), sort=("ends_at",), template="announcements/cells/when.html"),
            Column("author", _("By"), sort=("author__full_name",)),
        ),
        name="announcements",
        caption=_("Announcements"),
        empty={
            "icon": "speakerphone",
            "title": _("Nothing is announced"),
            "text": _("An announcement stands at the head of every page, in both languages, for a time."),
            "url": reverse("announcements:create"),
            "action": _("Announce something"),
        },
    )
    now = Maintenance.objects.first() or Maintenance()
    form = MaintenanceForm(initial={"mode": now.mode, "until": now.until})
    return table.respond("announcements/list.html", {"form": form, "maintenance": now})


@administrators
@page
def create(request: Request) -> HttpResponseBase:
    return edit(request, None)


@administrators
@page
def change(request: Request, pk: UUID) -> HttpResponseBase:
    return edit(request, get_object_or_404(Announcement, pk=pk))


def edit(request: Request, found: Announcement | None) -> HttpResponseBase:
    names = list(AnnouncementForm.base_fields)
    now = timezone.now()
    initial = {name: getattr(found, name) for name in names} if found else {}
    form = AnnouncementForm(
        request.POST or None, initial=initial or {"starts_at": now, "ends_at": now + timedelta(days=1)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.announce(request.user, **form.cleaned_data, announcement=found)
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("The announcement is saved."))
            return see_other(reverse("announcements:list"), request)
    status = 422 if form.errors else 200
    return render(request, "announcements/edit.html", {"form": form, "announcement": found}, status=status)


@administrators
@writes
def withdraw(request: Request, pk: UUID) -> HttpResponse:
    services.withdraw(request.user, get_object_or_404(Announcement, pk=pk))
    messages.success(request, _("The announcement is withdrawn."))
    return see_other(reverse("announcements:list"), request)


@administrators
@writes
def maintenance(request: Request) -> HttpResponse:
    form = MaintenanceForm(request.POST)
    try:
        if form.is_valid():
            services.set_maintenance(request.user, **form.cleaned_data)
            messages.success(request, _("The mode is set. It holds everywhere within a few seconds."))
    except Invalid as error:
        show_faults(form, error)
    for fault in (fault for faults in form.errors.values() for fault in faults):
        messages.error(request, str(fault))
    return see_other(reverse("announcements:list"), request)


@writes
def dismiss(request: Request, pk: UUID) -> HttpResponse:
    """Put it away, and stay where one is."""
    services.dismiss(request.user, get_object_or_404(services.current(request.user), pk=pk))
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return see_other(target if safe else "/", request)
