from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.identity.models import IdentityProvider, Profile
from core.identity.profiles import PROFESSIONS

ADDRESSES = ("issuer", "authorize_url", "token_url", "userinfo_url", "jwks_url", "logout_url")


class ProviderForm(forms.ModelForm):  # type: ignore[type-arg]
    """An identity provider. Its secret is shown to nobody: left empty, it stays as it is."""

    secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        max_length=500,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text=_("Kept sealed, and never shown again. Empty: the one that is kept stays."),
    )
    acr_required = forms.CharField(
        label=_("Levels taken (acr)"),
        required=False,
        max_length=500,
        help_text=_("Separated by spaces. Who comes back with another level is refused; empty: none is asked for."),
    )

    class Meta:
        model = IdentityProvider
        fields = (
            "name",
            "discovery_url",
            *ADDRESSES,
            "client_id",
            "secret",
            "scopes",
            "acr_asked",
            "acr_required",
            "is_strong",
            "creates_accounts",
        )
        help_texts = {
            "discovery_url": _(
                "For Keycloak: https://host/realms/name/.well-known/openid-configuration. The addresses below are then "
                "found there, and may stay empty."
            ),
            "is_strong": _("Who comes from there is not asked for a second factor here."),
            "creates_accounts": _("For people with a verified address there; their account opens nothing yet."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["acr_required"] = " ".join(self.initial.get("acr_required") or [])
        self.initial["secret"] = ""

    def clean_acr_required(self) -> list[str]:
        return [str(word) for word in self.cleaned_data["acr_required"].split()]

    def _post_clean(self) -> None:
        """The service checks the whole and saves it: nothing is put into the row here."""


class ProfileForm(forms.Form):
    profession = forms.ChoiceField(label=_("Profession"), required=False)
    rpps = forms.CharField(label=_("RPPS number"), required=False, max_length=11)
    practices = forms.CharField(
        label=_("Structures"),
        required=False,
        max_length=3000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("One a line, with its FINESS number after a semicolon where you know it."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        professions = sorted(((code, str(word)) for code, word in PROFESSIONS.items()), key=lambda each: each[1])
        choices: Any = [("", _("None")), *professions]
        self.fields["profession"].choices = choices  # type: ignore[attr-defined]

    @staticmethod
    def of(profile: Profile | None) -> dict[str, str]:
        if profile is None:
            return {}
        lines = [f"{each.name} ; {each.finess}" if each.finess else each.name for each in profile.practices.all()]
        return {"profession": profile.profession, "rpps": profile.rpps, "practices": "\n".join(lines)}

    def clean_rpps(self) -> str:
        return "".join(str(self.cleaned_data["rpps"]).split())

    def clean_practices(self) -> list[tuple[str, str]]:
        lines = (line.partition(";") for line in str(self.cleaned_data["practices"]).splitlines())
        return [(name.strip(), finess.strip()) for name, _semicolon, finess in lines if name.strip() or finess.strip()]
