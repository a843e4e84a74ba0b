from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.files.models import Space
from core.storage.services import MOST

GIGABYTE = 10**9


class QuotaForm(forms.Form):
    """A limit in gigabytes, as the pages write sizes."""

    gigabytes = forms.DecimalField(
        label=_("Limit in gigabytes (GB)"),
        required=False,
        min_value=0,
        max_value=MOST // GIGABYTE,
        decimal_places=3,
        help_text=_("Empty: the usual limit of the settings. 0: no file is taken any more."),
    )

    def __init__(self, *args: Any, space: Space, **options: Any) -> None:
        super().__init__(*args, **options)
        if space.quota is not None:
            self.initial["gigabytes"] = f"{(Decimal(space.quota) / GIGABYTE).quantize(Decimal('0.001')).normalize():f}"

    @property
    def quota(self) -> int | None:
        said = self.cleaned_data["gigabytes"]
        return None if said is None else int(said * GIGABYTE)
