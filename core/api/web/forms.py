from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import tool
from core.web.forms import offer


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What will use it: it helps to know which one to revoke.")
    )
    expires_at = forms.DateField(
        label=_("Works until"), widget=forms.DateInput(attrs={"type": "date"}), help_text=_("A year at most.")
    )
    permissions = forms.MultipleChoiceField(
        label=_("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than you may do yourself at that moment."),
    )

    def __init__(self, *args: Any, held: Collection[str], **options: Any) -> None:
        super().__init__(*args, **options)
        known = tool.permissions()
        offer(self, "permissions", ((code, known[code].label) for code in sorted(held) if code in known))
        self.fields["expires_at"].initial = timezone.localdate() + timedelta(days=90)
