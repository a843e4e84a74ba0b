from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.datasets.models import Dataset
from core.web.forms import offer


class NotebookForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=120)
    datasets = forms.ModelMultipleChoiceField(
        Dataset.objects.none(),
        label=_("Datasets"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The notebook reads these and no other; their latest version each time it runs."),
    )

    def __init__(self, *args: Any, datasets: QuerySet[Dataset], **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "datasets", datasets)
        if not datasets:
            del self.fields["datasets"]

    def clean(self) -> dict[str, Any]:
        return {"datasets": Dataset.objects.none(), **(super().clean() or {})}
