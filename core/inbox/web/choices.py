"""How one wishes to be told, which projects mails may name, and the way out of a mail."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.dateformat import format as dated
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from core import tool
from core.accounts.models import User
from core.errors import Invalid
from core.inbox import mail, services
from core.inbox.telling import described
from core.notices import choices as chosen
from core.notices.models import Rhythm
from core.web.forms import offer, show_faults
from core.web.request import Request
from core.web.views import page, see_other, writes

MONDAY = date(2026, 11, 23)


class RhythmForm(forms.Form):
    every = forms.ChoiceField(label=gettext_lazy("Summary by mail"), choices=Rhythm.Every.choices)
    weekday = forms.TypedChoiceField(label=gettext_lazy("Day, for a weekly summary"), coerce=int)
    hour = forms.TypedChoiceField(label=gettext_lazy("Hour"), coerce=int)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        offer(self, "weekday", [(day, dated(MONDAY + timedelta(days=day), "l")) for day in range(7)])
        offer(self, "hour", [(hour, f"{hour:02}:00") for hour in range(24)])


@page
def choices(request: Request) -> HttpResponseBase:
    kinds = list(tool.notices())
    rhythm = chosen.rhythm_of(request.user)
    now = {"every": rhythm.every, "hour": rhythm.hour, "weekday": rhythm.weekday}
    form = RhythmForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        ways = {kind: {way for way in chosen.WAYS if f"{way}:{kind}" in request.POST} for kind in kinds}
        try:
            chosen.set_rhythm(request.user, **form.cleaned_data)
            chosen.choose(request.user, ways)
        except Invalid as error:
            show_faults(form, error)
        else:
            messages.success(request, _("Your choices are saved."))
            return see_other(reverse("inbox:choices"), request)
    made = chosen.of(request.user)
    managed = list(services.managed(request.user))
    named = services.named_among(managed)
    context = {
        "form": form,
        "kinds": [(described(kind), made[kind]) for kind in kinds],
        "projects": [(project, project.pk in named) for project in managed],
    }
    return render(request, "inbox/choices.html", context, status=422 if form.errors else 200)


@writes
def projects(request: Request) -> HttpResponse:
    """Which of the projects that one manages may be named in mails."""
    named = set(request.POST.getlist("named"))
    for project in services.managed(request.user):
        services.name_in_mails(request.user, project, str(project.pk) in named)
    messages.success(request, _("Your choices are saved."))
    return see_other(reverse("inbox:choices"), request)


@csrf_exempt  # the mail program posts it by itself (RFC 8058): the signed token is the proof
@login_not_required
@page
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show what ends, and end it on POST; whoever has the mail may, and can do nothing else with it."""
    try:
        key, what = signing.loads(token, salt=mail.SALT)
        user = User.objects.get(pk=key)
    except (signing.BadSignature, ValueError, TypeError, ValidationError, User.DoesNotExist):
        raise Http404 from None
    with translation.override(user.language):
        if request.method == "POST":
            chosen.unsubscribe(user, what)
        context = {"done": request.method == "POST", "what": what}
        return render(request, "inbox/unsubscribe.html", context)
