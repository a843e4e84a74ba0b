"""What the pages of imports, numbers and arms post."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.access.models import Site
from core.files import taking
from core.web.forms import offer
from ecrf.engine.exchange import data_formats
from ecrf.engine.numbering import Rule
from ecrf.models import DataImport, NumberingRule

KINDS = (taking.Kind.TEXT, taking.Kind.JSON, taking.Kind.XML, taking.Kind.XLSX, taking.Kind.ZIP)


def fits(file: Any) -> None:
    if file.size > data_formats.MAX_BYTES:
        limit = data_formats.MAX_BYTES // 1024 // 1024
        raise ValidationError(_("The file is larger than %(limit)s MB.") % {"limit": limit})


class ImportForm(forms.Form):
    form = forms.ChoiceField(label=_("Form"))
    file = forms.FileField(
        label=_("File of data"),
        widget=forms.FileInput({"accept": ".csv,.txt,.xlsx,.zip,.xml,.json"}),
        validators=[fits, taking.Takes(*KINDS)],
        help_text=_("CSV, Excel, Goupile, REDCap (CSV or project XML), CDISC ODM, FHIR or JSON."),
    )
    format = forms.ChoiceField(label=_("Format"), required=False)
    empty = forms.ChoiceField(
        label=_("Empty cells"), choices=DataImport.Empty.choices, widget=forms.RadioSelect, initial="keep"
    )
    subjects = forms.ChoiceField(
        label=_("Subjects that the study doesn’t know"),
        choices=DataImport.Subjects.choices,
        widget=forms.RadioSelect,
        initial="create",
    )
    site = forms.ChoiceField(
        label=_("Site of new subjects whose rows name none"),
        required=False,
        help_text=_("A column may name the site by its code or its name, as REDCap’s data access groups do."),
    )
    signed = forms.ChoiceField(
        label=_("Pages that are signed"), choices=DataImport.Signed.choices, widget=forms.RadioSelect, initial="refuse"
    )
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, help_text=_("Kept with each change. Name nobody.")
    )

    def __init__(self, *args: Any, study_forms: Any, project: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "form", [(form.key, form.title) for form in study_forms])
        offer(self, "format", [("", _("Found out from the file")), *formats()])
        sites = Site.objects.filter(project=project, retired_at=None).values_list("code", "name")
        offer(self, "site", [("", _("Each row names it")), *((code, f"{code} · {name}") for code, name in sites)])
        if len(study_forms) == 1:
            self.fields["form"].widget = forms.HiddenInput()
            self.fields["form"].initial = study_forms[0].key


def formats() -> list[tuple[str, str]]:
    return [(one.name, one.title) for one in data_formats.FORMATS.values()]


class UndoForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500)


class NumberingForm(forms.Form):
    pattern = forms.CharField(
        label=_("Pattern"),
        max_length=100,
        widget=forms.TextInput({"class": "code", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "{site} is the site’s code, {arm} the arm, {year} or {yy} the year, {sequence:03} the count with three "
            "digits. With a year or an arm in it, each has a count of its own."
        ),
    )
    per = forms.ChoiceField(label=_("Count"), choices=NumberingRule.Per.choices, widget=forms.RadioSelect)
    check_digit = forms.ChoiceField(
        label=_("Check digit"),
        choices=NumberingRule.Check.choices,
        required=False,
        help_text=_("Behind the number, so that a slip in typing is found."),
    )
    typed = forms.BooleanField(
        label=_("Who includes a subject types his number"),
        required=False,
        help_text=_("For numbers that are given elsewhere. No number can come twice."),
    )
    typed_pattern = forms.CharField(
        label=_("What typed numbers look like"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"class": "code", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("A regular expression, as [A-Z]{2}-[0-9]{4}. Left empty, any will do."),
    )

    @property
    def rule(self) -> Rule:
        values = self.cleaned_data
        per_site = values["per"] == NumberingRule.Per.SITE
        return Rule(values["pattern"], per_site, values["check_digit"], values["typed"], values["typed_pattern"])


class ArmForm(forms.Form):
    arm = forms.CharField(required=False, max_length=100)
    reason = forms.CharField(required=False, max_length=500)
