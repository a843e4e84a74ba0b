"""Pass one's roles on while one is away, and take them back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.access import queries, services
from core.access.models import Membership, Project, Role
from core.access.services.delegations import LONGEST, candidates
from core.access.web.forms import end_of
from core.accounts.models import User
from core.errors import Conflict, Invalid
from core.web.forms import DayInput, offer, show_faults
from core.web.request import Request
from core.web.views import page, writes


class DelegationForm(forms.Form):
    to = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("To whom"), empty_label="")
    roles = forms.ModelMultipleChoiceField(
        Role.objects.none(), label=gettext_lazy("Roles"), widget=forms.CheckboxSelectMultiple
    )
    ends_at = forms.DateField(
        label=gettext_lazy("Until"), widget=DayInput, help_text=gettext_lazy("That day included; 90 days at most.")
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)

    def __init__(self, *args: Any, membership: Membership, **options: Any) -> None:
        super().__init__(*args, **options)
        people = [person.pk for person in candidates(membership)]
        offer(self, "to", User.objects.filter(pk__in=people).order_by("full_name", "email"))
        offer(self, "roles", membership.roles.all())
        self.fields["ends_at"].initial = timezone.localdate() + timedelta(days=14)
        self.fields["ends_at"].widget.attrs["max"] = (timezone.localdate() + LONGEST - timedelta(days=1)).isoformat()


@page
def delegate(request: Request, project: str, pk: UUID) -> HttpResponse:
    """Only for a membership of one's own; to others, also to managers, there is nothing here."""
    found = access.fetch(Project.objects.select_related("organisation"), request.user, slug=project)
    rows = Membership.objects.active().lasting().select_related("project__organisation")
    membership = get_object_or_404(rows, project=found, user=request.user, pk=pk)
    form = DelegationForm(request.POST or None, membership=membership)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        until = end_of(values["ends_at"])
        assert until is not None  # the field is required
        try:
            services.delegate(request.user, membership, values["to"], list(values["roles"]), until, values["reason"])
        except Invalid as error:
            show_faults(form, error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("%(name)s may act in your place until then.") % {"name": values["to"]})
            return redirect("access:members", found.slug)
    context = {"project": found, "form": form}
    return render(request, "access/delegate.html", context, status=422 if form.errors else 200)


@writes
def end(request: Request, project: str, pk: UUID) -> HttpResponse:
    """By who passed it on, who got it, or who manages the members."""
    found = access.fetch(Project.objects.all(), request.user, slug=project)
    rows = queries.memberships(request.user).filter(kind=Membership.Kind.DELEGATED)
    services.end_delegation(request.user, get_object_or_404(rows, project=found, pk=pk))
    messages.success(request, _("The delegation has ended."))
    return redirect("access:members", found.slug)
