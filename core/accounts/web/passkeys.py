"""allauth's forms for passkeys, hardened: what a browser sends is bounded, and nonsense is refused in words."""

from __future__ import annotations

import json
from typing import Any

from allauth.core import context
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as allauth
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from core.db import UNSTORABLE

LARGEST = 32 << 10
"""Bytes of an answer of an authenticator, which is about one or two KiB."""
MOST = 20
"""Passkeys of one person."""
NONSENSE = (AttributeError, LookupError, TypeError, ValueError)
"""What reading an answer that isn't one may raise."""
REFUSED = _("This passkey was not accepted. Try again, or use another way.")


class CredentialField(forms.JSONField):
    """What `navigator.credentials` gave, as text of bounded size and depth that the database can hold."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > LARGEST:
            raise ValidationError(REFUSED, "too-large")
        try:
            found = super().to_python(value)
            if found is not None and UNSTORABLE.search(json.dumps(found, ensure_ascii=False)):
                raise ValidationError(REFUSED, "unstorable")
        except RecursionError:
            raise ValidationError(REFUSED, "nested") from None
        if not isinstance(found, dict | None):
            raise ValidationError(REFUSED, "invalid")
        return found

    def bound_data(self, data: Any, initial: Any) -> None:
        """An answer is good for one question: a page that is shown again asks anew."""

    def prepare_value(self, value: Any) -> str:
        return ""


def credential() -> CredentialField:
    return CredentialField(label=_("Passkey"), widget=forms.HiddenInput, error_messages={"invalid": REFUSED})


class NewPasskeyForm(allauth.AddWebAuthnForm):
    """A passkey opens the account by itself, so it must have asked for its owner: a finger, a face, a code."""

    passwordless = None
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        help_text=_("By which you know it again: «My phone», «Key on my badge»."),
    )
    credential = credential()

    def clean(self) -> dict[str, Any]:
        if Authenticator.objects.filter(user=self.user, type=Authenticator.Type.WEBAUTHN).count() >= MOST:
            raise ValidationError(_("You have many passkeys already. Remove one that you don’t use any more."), "many")
        try:
            cleaned: dict[str, Any] = super().clean()
        except (ValidationError, *NONSENSE):
            raise ValidationError(REFUSED, "refused") from None
        extensions = (cleaned.get("credential") or {}).get("clientExtensionResults")
        kept = extensions.get("credProps") if isinstance(extensions, dict) else None
        if isinstance(kept, dict) and kept.get("rk") is False:
            raise ValidationError(_("This device keeps no passkeys. Use another one."), "not-kept")
        return cleaned


class RenamePasskeyForm(allauth.EditWebAuthnForm):
    name = forms.CharField(label=_("Name"), max_length=60)


class PasskeyMixin:
    """An answer that isn't one is refused; where it is known whose account it was for, the journal hears of it."""

    user: Any

    def clean_credential(self) -> Authenticator:
        try:
            found: Authenticator = super().clean_credential()  # type: ignore[misc]
        except (ValidationError, *NONSENSE) as error:
            if self.user is not None:
                signals.authentication_failed.send(Authenticator, request=context.request, user=self.user)
            if getattr(error, "code", "") == "too_many_login_attempts":
                raise
            raise ValidationError(REFUSED, "refused") from None
        return found


class PasskeyForm(PasskeyMixin, allauth.AuthenticateWebAuthnForm):
    credential = credential()


class SignInPasskeyForm(PasskeyMixin, allauth.LoginWebAuthnForm):
    credential = credential()


class ConfirmPasskeyForm(PasskeyMixin, allauth.ReauthenticateWebAuthnForm):
    credential = credential()


class ConfirmByPasskey(ReauthenticateWebAuthnView):
    """allauth sends who fails to the sign-in page; here the page says what is wrong."""

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        answer: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=422)
        return answer

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return {**super().get_context_data(), **context}
