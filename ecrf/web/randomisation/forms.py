"""What the pages of the randomisation post."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.files import taking
from core.web.forms import offer
from ecrf import engine
from ecrf.engine.randomisation import Arm, Plan
from ecrf.engine.randomisation.files import MAX_BYTES
from ecrf.models import Scheme, Unblinding
from ecrf.models.forms import reader_language
from ecrf.services.randomisation.plans import candidates

ROWS = 6
SIZES = re.compile(r"\d{1,3}(?:[\s,;]+\d{1,3}){0,9}")
WEIGHT = re.compile(r"([A-Za-z]\w{0,99}) ?= ?(\d{1,3}(?:[.,]\d{1,3})?)")


class SchemeForm(forms.Form):
    """A scheme on one page. The arms are rows of three fields; those without a code are left out."""

    name = forms.CharField(label=_("Name of the scheme"), max_length=200)
    method = forms.ChoiceField(
        label=_("How arms are drawn"),
        choices=[
            (Scheme.Method.BLOCKS, _("Permuted blocks: a list for each stratum, drawn here")),
            (Scheme.Method.UPLOADED, _("A table made elsewhere, uploaded as CSV")),
            (Scheme.Method.MINIMISATION, _("Minimisation: each subject to the arm that keeps the balance")),
        ],
        widget=forms.RadioSelect,
        initial=Scheme.Method.BLOCKS,
    )
    blinded = forms.BooleanField(
        label=_("Blinded: people see a kit number, not the arm"),
        required=False,
        help_text=_("The arm is shown to who holds that permission by name, and to who unblinds with a reason."),
    )
    strata = forms.MultipleChoiceField(
        label=_("Balance the arms within"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Questions with one choice. A few at most: each stratum has a list of its own."),
    )
    by_site = forms.BooleanField(label=_("Within each site"), required=False, initial=True)
    sizes = forms.CharField(
        label=_("Sizes of the blocks"),
        required=False,
        initial="4, 6",
        max_length=60,
        help_text=_("Multiples of the sum of the ratios. Several sizes, so that nobody can tell where a block ends."),
    )
    length = forms.IntegerField(
        label=_("Places in each list"), required=False, initial=40, min_value=1, max_value=20_000
    )
    probability = forms.DecimalField(
        label=_("Probability of the arm that balances best"),
        required=False,
        initial="0.8",
        min_value=0,
        max_value=1,
        max_digits=4,
        decimal_places=3,
        help_text=_("At 1 the next arm could be worked out: 0.7 to 0.9 is usual."),
    )
    measure = forms.ChoiceField(label=_("Measure of imbalance"), choices=Scheme.Measure.choices, required=False)
    weights = forms.CharField(
        label=_("Weights"),
        required=False,
        max_length=500,
        help_text=_("As “sex = 2, site = 1”. What isn’t named weighs 1."),
    )
    eligibility = forms.CharField(
        label=_("Only subjects for whom"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "code", "spellcheck": "false"}),
        help_text=_(
            "A condition on the form, as “[age] >= 18 and [consent] = '1'”. Checked when a subject is randomised."
        ),
    )

    def __init__(self, *args: Any, definition: engine.Definition, **options: Any) -> None:
        super().__init__(*args, **options)
        self.has_arms = bool(definition.arms)
        language = reader_language()
        items = candidates(definition)
        offer(self, "strata", [(item.key, definition.text(item.spec["label"], language)) for item in items])
        needed = {
            Scheme.Method.BLOCKS: ("sizes", "length"),
            Scheme.Method.MINIMISATION: ("probability", "measure"),
        }
        for method, names in needed.items():  # a blank form asks for all, for the method may still change
            for name in names:
                self.fields[name].required = not self.is_bound or self.data.get("method") == method
        for row in range(ROWS):
            first = {0: ("A", _("Standard care")), 1: ("B", _("New treatment"))}.get(row, ("", ""))
            self.fields[f"code_{row}"] = forms.CharField(
                label=_("Code"), required=False, max_length=20, initial=first[0]
            )
            self.fields[f"label_{row}"] = forms.CharField(
                label=_("Arm"), required=False, max_length=200, initial=first[1]
            )
            self.fields[f"ratio_{row}"] = forms.IntegerField(
                label=_("Ratio"), required=False, initial=1, min_value=1, max_value=20
            )
            if self.has_arms:
                arms = [(arm["key"], definition.text(arm["title"], language)) for arm in definition.data["arms"]]
                self.fields[f"form_arm_{row}"] = forms.ChoiceField(
                    label=_("Arm of the form"), required=False, choices=[("", _("doesn’t set it")), *arms]
                )

    @property
    def arm_rows(self) -> Iterator[tuple[int, list[forms.BoundField]]]:
        for row in range(ROWS):
            parts = ("code", "label", "ratio", *(("form_arm",) if self.has_arms else ()))
            yield row + 1, [self[f"{part}_{row}"] for part in parts]

    @property
    def form_arms(self) -> dict[str, str]:
        """Which arm of the form each arm is, where that is said."""
        values = self.cleaned_data
        found = {values[f"code_{row}"].strip(): values.get(f"form_arm_{row}", "") for row in range(ROWS)}
        return {code: arm for code, arm in found.items() if code and arm}

    def clean_sizes(self) -> tuple[int, ...]:
        text = self.cleaned_data["sizes"].strip()
        if text and not SIZES.fullmatch(text):
            raise ValidationError(_("Write sizes with commas, as 4, 6."))
        return tuple(dict.fromkeys(int(size) for size in re.findall(r"\d+", text)))

    def clean_weights(self) -> dict[str, Fraction]:
        text = self.cleaned_data["weights"].strip()
        found = {key: Fraction(number.replace(",", ".")) for key, number in WEIGHT.findall(text)}
        if re.sub(r"[\s,;]", "", WEIGHT.sub("", text)):
            raise ValidationError(_("Write weights as “sex = 2, site = 1”."))
        return found

    @property
    def plan(self) -> Plan:
        """The plan that was asked for, without its factors."""
        values = self.cleaned_data
        arms = [
            Arm(values[f"code_{row}"].strip(), values[f"label_{row}"].strip(), values[f"ratio_{row}"] or 1)
            for row in range(ROWS)
            if values.get(f"code_{row}") or (values.get(f"label_{row}"))
        ]
        probability = values.get("probability")
        return Plan(
            tuple(arms),
            sizes=values["sizes"],
            weights=values["weights"] if values["method"] == Scheme.Method.MINIMISATION else {},
            measure=values["measure"] or "range",
            probability=Fraction(str(probability if probability is not None else "0.8")),
        )


class TableForm(forms.Form):
    table = forms.FileField(
        label=_("Allocation table (CSV)"),
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
        validators=[taking.Takes(taking.Kind.TEXT)],
    )
    file_name = ""

    def clean_table(self) -> bytes:
        upload = self.cleaned_data["table"]
        self.file_name = str(upload.name)
        if upload.size > MAX_BYTES:
            raise ValidationError(_("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024 // 1024})
        content: bytes = upload.read()
        return content


class SeedForm(forms.Form):
    seed = forms.CharField(
        label=_("Seed"),
        required=False,
        max_length=200,
        help_text=_("Left empty, the suite draws one. The same seed gives the same table."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "code"}),
    )


class UnblindForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Why now"),
        choices=[
            (Unblinding.Kind.EMERGENCY, _("Emergency: the treatment must be known to care for the subject")),
            (Unblinding.Kind.PLANNED, _("Planned: the protocol provides for it")),
        ],
        widget=forms.RadioSelect,
        initial=Unblinding.Kind.EMERGENCY,
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays in the journal. Name nobody."),
    )
