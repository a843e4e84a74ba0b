from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.models import Organisation, Project, Role, Site
from core.access.queries import roles_for
from core.accounts.models import User
from core.web.forms import DayInput, offer


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), help_text=_("The invitation is sent there and works once."))
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

    def __init__(self, *args: Any, project: Project, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "roles", roles_for(project))
        offer(self, "sites", project.sites.all())
        if not project.sites.exists():
            del self.fields["sites"]

    def clean_ends_at(self) -> datetime | None:
        """The end of the last day."""
        day: date | None = self.cleaned_data["ends_at"]
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None


class ProjectForm(forms.Form):
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label=_("Organisation"), empty_label=None)
    name = forms.CharField(label=_("Name"), max_length=150)
    description = forms.CharField(label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, organisations: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "organisation", organisations)


class AccountForm(forms.Form):
    """What an invited person says to get his account."""

    full_name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("12 characters or more; a sentence is easy to remember."),
    )

    def __init__(self, *args: Any, email: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email, full_name=self.cleaned_data.get("full_name", "")))
        return password
