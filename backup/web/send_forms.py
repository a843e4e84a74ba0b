"""What people fill in to send a file; the browser's script reads it, for the server sees neither file nor message."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from backup.services.asking import USUAL_BYTES
from backup.services.sends import DAYS, MOST_DAYS

RHYTHMS = ((1, _("1 day")), (7, _("7 days")), (30, _("30 days")), (MOST_DAYS, _("90 days")))
FETCHES = ((0, _("as often as wanted")), (1, _("once")), (5, _("up to 5 times")), (20, _("up to 20 times")))
ROOMS = ((10**9, _("1 GB")), (5 * 10**9, _("5 GB")), (20 * 10**9, _("20 GB")))


def days_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=_("The link is good for"), choices=RHYTHMS, coerce=int, initial=DAYS)


class SendForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("It is sealed here, in your browser, before it leaves."))
    message = forms.CharField(
        label=_("Message to who receives it"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Sealed with the file."),
    )
    days = days_field()
    most_fetches = forms.ChoiceField(label=_("It can be fetched"), choices=FETCHES)
    passphrase = forms.CharField(
        label=_("Passphrase"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Asked besides the link. Tell it by another way, by phone for instance: whoever has both reads the file."
        ),
    )


class DropForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("It is sealed here, in your browser, before it leaves."))
    message = forms.CharField(
        label=_("Message"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Sealed with the file. Say who you are."),
    )


class ProlongForm(forms.Form):
    days = days_field()


class RequestForm(forms.Form):
    days = days_field()
    most_bytes = forms.ChoiceField(
        label=_("Up to"), choices=ROOMS, initial=USUAL_BYTES, help_text=_("For all files together.")
    )
