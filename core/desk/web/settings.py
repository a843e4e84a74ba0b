"""How the pages look and behave for oneself."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.access.models import Project
from core.accounts.models import User
from core.desk import services
from core.desk.models import Settings
from core.errors import Invalid
from core.web.forms import offer, show_faults
from core.web.request import Request
from core.web.views import page, reads, see_other, writes


class SettingsForm(forms.Form):
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES, widget=forms.RadioSelect)
    theme = forms.ChoiceField(label=gettext_lazy("Colours"), choices=Settings.Theme.choices, widget=forms.RadioSelect)
    density = forms.ChoiceField(
        label=gettext_lazy("Lists"),
        choices=Settings.Density.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Compact lists show more rows at once."),
    )
    less_motion = forms.BooleanField(
        label=gettext_lazy("Less motion, whatever this device says"),
        required=False,
        help_text=gettext_lazy("Nothing slides or fades."),
    )
    shortcuts = forms.BooleanField(
        label=gettext_lazy("Keyboard shortcuts"),
        required=False,
        help_text=gettext_lazy("Ctrl K opens the search, ? the help. Turn them off if they get in the way."),
    )
    start = forms.ChoiceField(label=gettext_lazy("After signing in, open"), choices=Settings.Start.choices)
    start_project = forms.ModelChoiceField(
        label=gettext_lazy("Project"),
        queryset=Project.objects.none(),
        required=False,
        help_text=gettext_lazy("Where “a project” is chosen above."),
    )


@page
def edit(request: Request) -> HttpResponseBase:
    now = services.settings_of(request.user)
    shown = {name: getattr(now, name) for name in SettingsForm.base_fields if name != "language"}
    form = SettingsForm(request.POST or None, initial={**shown, "language": request.user.language})
    offer(form, "start_project", Project.objects.visible_to(request.user).filter(archived_at=None))
    if request.method == "POST" and form.is_valid():
        changes = dict(form.cleaned_data)
        language = changes.pop("language")
        try:
            services.change_settings(request.user, **changes)
        except Invalid as error:
            show_faults(form, error)
        else:
            User.objects.filter(pk=request.user.pk).update(language=language)
            with translation.override(language):
                messages.success(request, _("Your settings are saved. They are the same on every machine."))
            return see_other(reverse("desk:settings"), request)
    context = {"form": form, "time_zone": settings.TIME_ZONE.replace("_", " ")}
    return render(request, "desk/settings.html", context, status=422 if form.errors else 200)


@writes
def theme(request: Request) -> HttpResponse:
    """The colours chosen in the top bar."""
    try:
        services.change_settings(request.user, theme=request.POST.get("theme", ""))
    except Invalid:
        return HttpResponse(status=422)
    return HttpResponse(status=204)


@writes
def density(request: Request) -> HttpResponse:
    """The room between rows, chosen at the head of a list."""
    try:
        services.change_settings(request.user, density=request.POST.get("density", ""))
    except Invalid:
        return HttpResponse(status=422)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return see_other(target if safe else "/", request)


@reads
def start(request: Request) -> HttpResponseBase:
    """Where one begins after signing in: where one chose, if one may still go there."""
    chosen = services.settings_of(request.user)
    if chosen.start == Settings.Start.PROJECT:
        project = chosen.start_project
        if project and access.can(request.user, "access.view_project", project):
            return redirect(project)
        return redirect("portal:home")
    return redirect(chosen.start)
