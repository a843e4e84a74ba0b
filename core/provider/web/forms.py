from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.access.models import Organisation, Project
from core.provider import queries
from core.provider.models import Service
from core.provider.scopes import WORDS
from core.provider.services import Wanted, described
from core.web.forms import offer

CONFIDENTIAL, PUBLIC = "confidential", "public"


class Lines(forms.CharField):
    """One address a line."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.widget.attrs |= {"rows": 3, "spellcheck": "false", "class": "mono"}

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        return tuple(line.strip() for line in super().clean(value).splitlines() if line.strip())


class ServiceForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As people read it when they sign in."))
    description = forms.CharField(label=_("What it is for"), max_length=300, required=False)
    kind = forms.ChoiceField(
        label=_("Kind"),
        widget=forms.RadioSelect,
        initial=CONFIDENTIAL,
        choices=[
            (CONFIDENTIAL, _("A server: it keeps a secret")),
            (PUBLIC, _("A program on people’s own machines: it can keep none")),
        ],
    )
    redirect_uris = Lines(
        label=_("Where people go back to"),
        help_text=_("One address a line, exactly as the service sends it: https, or http on localhost."),
    )
    by_code = forms.BooleanField(
        label=_("A command line may sign in by a code that one types in a browser"), required=False
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may ask for"),
        widget=forms.CheckboxSelectMultiple,
        choices=list(WORDS.items()),
        initial=["openid", "profile", "email"],
    )
    refreshes = forms.BooleanField(
        label=_("It may stay connected without the person (refresh tokens)"), required=False, initial=True
    )
    audience = forms.ChoiceField(
        label=_("Who may sign in"),
        widget=forms.RadioSelect,
        choices=Service.Audience.choices,
        initial=Service.Audience.EVERYBODY,
    )
    organisations = forms.ModelMultipleChoiceField(
        label=_("Organisations"), queryset=Organisation.objects.none(), required=False
    )
    projects = forms.ModelMultipleChoiceField(label=_("Projects"), queryset=Project.objects.none(), required=False)
    skip_consent = forms.BooleanField(
        label=_("It is one of the house: people aren’t asked before it is told"), required=False
    )
    post_logout_uris = Lines(
        label=_("Where people go after signing out"), help_text=_("One address a line. Without one they stay here.")
    )
    logout_address = forms.CharField(
        label=_("Address that is told when somebody signs out"),
        max_length=500,
        required=False,
        help_text=_(
            "Back-channel log-out of OpenID Connect. Servers of a private network are named in OUTGOING_HOSTS."
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "organisations", queries.organisations())
        offer(self, "projects", queries.projects())

    def wanted(self) -> Wanted:
        values = dict(self.cleaned_data)
        return Wanted(public=values.pop("kind") == PUBLIC, **values)


def as_described(service: Service) -> dict[str, Any]:
    """A service as its form shows it."""
    wanted = described(service)
    return {**vars(wanted), "kind": PUBLIC if wanted.public else CONFIDENTIAL}


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("Eight letters that the program shows, such as BCDF-GHJK."),
    )
