from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access import catalogue
from core.access.models import Membership, Organisation, Project, Role, Site
from core.access.queries import roles_for, roles_of_organisation
from core.access.services.granting import Place
from core.access.services.invitations import LASTS, LONGEST
from core.accounts.models import User
from core.web.forms import DayInput, offer


def end_of(day: date | None) -> datetime | None:
    """The end of the last day."""
    return timezone.make_aware(datetime.combine(day, time.max)) if day else None


class GrantForm(forms.Form):
    """Which roles, at which sites, until when: what a membership is made of."""

    roles = forms.ModelMultipleChoiceField(Role.objects.none(), label=_("Roles"), widget=forms.CheckboxSelectMultiple)
    sites = forms.ModelMultipleChoiceField(
        Site.objects.none(),
        label=_("Sites"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all of them."),
    )
    ends_at = forms.DateField(
        label=_("Access until"),
        required=False,
        widget=DayInput,
        help_text=_("That day included. Empty: until somebody ends it."),
    )

    def __init__(self, *args: Any, place: Place, held: Membership | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        roles = roles_for(place) if isinstance(place, Project) else roles_of_organisation(place)
        sites = Site.objects.none()
        if isinstance(place, Project):
            sites = place.sites.filter(retired_at=None)
        if held is not None:  # what he has may stay, though it is offered no more
            roles = (roles | Role.objects.filter(memberships=held)).distinct()
            sites = (sites | Site.objects.filter(memberships=held)).distinct()
        offer(self, "roles", roles)
        offer(self, "sites", sites)
        if not sites.exists():
            del self.fields["sites"]

    def clean_ends_at(self) -> datetime | None:
        return end_of(self.cleaned_data["ends_at"])

    @property
    def grant(self) -> tuple[list[Role], list[Site] | None, datetime | None]:
        """Roles, sites (None: all) and end, as the services take them."""
        values = self.cleaned_data
        return list(values["roles"]), list(values.get("sites") or []) or None, values["ends_at"]


class InvitationForm(GrantForm):
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, help_text=_("The invitation is sent there and works once.")
    )
    days = forms.IntegerField(
        label=_("The invitation works for (days)"), min_value=1, max_value=LONGEST, initial=LASTS, required=False
    )
    field_order = ("email", "roles", "sites", "ends_at", "days")

    def clean_days(self) -> int:
        return self.cleaned_data["days"] or LASTS


class ChangeForm(GrantForm):
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)


class ProjectForm(forms.Form):
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Organisation"), empty_label=None)
    name = forms.CharField(label=_("Name"), max_length=150)
    description = forms.CharField(label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 4}))
    listed = forms.BooleanField(
        label=_("People of the organisation can find it and ask to join"),
        required=False,
        help_text=_("They see its name and description, and nothing of what is in it."),
    )

    def __init__(self, *args: Any, organisations: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if organisations is None:
            del self.fields["organisation"]
        else:
            offer(self, "organisation", organisations)


class SiteForm(forms.Form):
    code = forms.CharField(label=_("Code"), max_length=12, help_text=_("Short, and never changed: exports name it."))
    name = forms.CharField(label=_("Name"), max_length=150)


class OrganisationForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150)
    requires_second_factor = forms.BooleanField(
        label=_("Everybody needs a second factor"),
        required=False,
        help_text=_("Members of the organisation and of its projects reach nothing before they have set one up."),
    )
    emergency_role = forms.ModelChoiceField(
        Role.objects.none(),
        label=_("What emergency access opens"),
        required=False,
        empty_label=_("nothing: there is no emergency access"),
        help_text=_("A role of a project, held for a few hours by who breaks the glass; data controllers are told."),
    )

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        here = Q(organisation=None) | Q(organisation=organisation)
        offer(self, "emergency_role", Role.objects.filter(here, level=Role.Level.PROJECT, retired_at=None))


class NewOrganisationForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=150)
    administrator = forms.EmailField(
        label=_("E-mail address of its first administrator"),
        max_length=254,
        help_text=_("An invitation is sent there. Administrators read no patients’ data."),
    )


class RoleForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    level = forms.ChoiceField(
        label=_("Held in"),
        choices=[
            (Role.Level.PROJECT, _("a project")),
            (Role.Level.ORGANISATION, _("the organisation, and so all its projects")),
        ],
        widget=forms.RadioSelect,
        help_text=_("A role of the organisation opens no patients’ data."),
    )
    permissions = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    requires_second_factor = forms.BooleanField(label=_("Whoever holds it needs a second factor"), required=False)
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, help_text=_("Asked where people gain permissions by it.")
    )

    def __init__(self, *args: Any, role: Role | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if role is None:
            del self.fields["reason"]
            offer(self, "permissions", catalogue.choices(""))
        else:
            del self.fields["level"]
            offer(self, "permissions", catalogue.choices(role.level))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class AccountForm(forms.Form):
    """What an invited person says to get his account."""

    full_name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.email = email
        self.fields["password"].help_text = _("%(n)d characters or more; a sentence is easy to remember.") % {
            "n": settings.PASSWORD_LENGTH
        }

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email, full_name=self.cleaned_data.get("full_name", "")))
        return password
