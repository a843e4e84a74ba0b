"""What is asked for a rule of quality and for a run."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from core.web.forms import offer
from ecrf.models import Form, QualityRuleVersion
from ecrf.models.forms import reader_language
from ecrf.words import rules as quality_words


class RuleForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=150)
    text = forms.CharField(
        label=gettext_lazy("Look at records where"),
        widget=forms.Textarea({"rows": 3, "spellcheck": "false", "class": "is-code"}),
        max_length=5000,
        help_text=gettext_lazy("Fields in brackets, codes in quotes: [weight] > 200 and [sex] = '1'"),
    )
    message = forms.CharField(
        label=gettext_lazy("What to say"),
        max_length=500,
        help_text=gettext_lazy("It is shown at the field, and is the text of its queries."),
    )
    item = forms.ChoiceField(
        label=gettext_lazy("Field that it is about"),
        required=False,
        help_text=gettext_lazy("The first field of the rule, if you choose none."),
    )
    severity = forms.ChoiceField(
        label=gettext_lazy("What it does"), choices=QualityRuleVersion.Severity.choices, widget=forms.RadioSelect
    )
    at_save = forms.BooleanField(label=gettext_lazy("Run it at each save, as a warning of the form"), required=False)

    def __init__(self, *args: Any, form: Form, **options: Any) -> None:
        super().__init__(*args, **options)
        definition, language = form.published.loaded, reader_language()
        named = [
            (key, f"{definition.text(item.spec['label'], language) or key} ({key})"[:120])
            for key, item in definition.items.items()
            if item.kind != "output"
        ]
        offer(self, "item", [("", "—"), *named])
        self.fields["severity"].initial = QualityRuleVersion.Severity.WARN


class RunForm(forms.Form):
    method = forms.ChoiceField(label=gettext_lazy("What an outlier is"), choices=quality_words.METHODS)
    factor = forms.FloatField(
        label=gettext_lazy("k"),
        required=False,
        min_value=0.1,
        max_value=100,
        help_text=gettext_lazy(
            "Usual: 1.5 for the fences, 3.5 for deviations from the median, 2 for those from the mean."
        ),
    )
