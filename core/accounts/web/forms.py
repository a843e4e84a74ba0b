"""allauth's forms, with our word for an address."""

from __future__ import annotations

from typing import Any

from allauth.account.fields import EmailField
from allauth.account.forms import AddEmailForm, LoginForm, ResetPasswordForm
from django.utils.translation import gettext_lazy as _


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["login"].label = _("E-mail address")


class ForgottenPasswordForm(ResetPasswordForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].label = _("E-mail address")


class NewAddressForm(AddEmailForm):
    email = EmailField(label=_("New address"), max_length=254)
