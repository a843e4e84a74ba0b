from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.datasets.models import Dataset
from core.web.templatetags.web import number


class DatasetChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic to its stubs alone
    """A dataset by its title, with how large and how new it is."""

    def label_from_instance(self, obj: Any) -> str:
        words = ngettext("%(rows)s row, version %(number)s", "%(rows)s rows, version %(number)s", obj.rows)
        size = words % {"rows": number(obj.rows), "number": obj.newest}
        return f"{obj.title} – {size}"


class NewAnalysisForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("What you want to know, for example “Age by sex”.")
    )
    dataset = DatasetChoice(
        Dataset.objects.none(), label=_("Dataset"), to_field_name="name", empty_label=None, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, datasets: QuerySet[Dataset], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["dataset"].queryset = datasets  # type: ignore[attr-defined]


class PublicationForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=150)
    name = forms.SlugField(
        label=_("Name in code"),
        max_length=60,
        widget=forms.TextInput(attrs={"class": "mono"}),
        help_text=_("Small letters, digits and hyphens. A dataset that has this name already gets a new version."),
    )
    hide_small_counts = forms.BooleanField(
        label=_("Hide small counts"),
        required=False,
        initial=True,
        help_text=_("The dataset is then an aggregate. Otherwise it stays as sensitive as the data it comes from."),
    )
