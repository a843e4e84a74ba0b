"""Forms of an upload: the file, then how it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.datasets.engine.csv.detection import ENCODINGS
from core.datasets.engine.csv.values import TYPES
from core.datasets.engine.dictionary.entries import FIELDS, TEXTS
from core.datasets.engine.dictionary.exchange import BadDictionary, list_of, pairs_of
from core.datasets.models import NAME, Level, Sensitivity
from core.web.forms import offer

EDITABLE = 300
"""Columns up to which each can be corrected on the page."""
TYPE_WORDS = {
    "text": _("text"),
    "integer": _("whole number"),
    "number": _("decimal number"),
    "date": _("date"),
    "datetime": _("date and time"),
    "boolean": _("yes or no"),
    "time": _("time of day"),
}
DELIMITER_WORDS = [(",", _("comma")), (";", _("semicolon")), ("\t", _("tab")), ("|", _("vertical bar"))]
ENCODING_WORDS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 (BOM)",
    "cp1252": "Windows-1252",
    "utf-16": "UTF-16 (BOM)",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "mac-roman": "Mac Roman",
}


FIELD_WORDS = {
    "label": _("Label"),
    "label_en": _("Label in English"),
    "description": _("Description"),
    "unit": _("Unit"),
    "codes": _("Codes"),
    "missing_codes": _("Missing codes"),
    "sensitivity": _("Sensitivity"),
}


class UploadForm(forms.Form):
    """What is uploaded, and as what."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV up to 2 GB; Excel (.xlsx), Parquet, SAS (.sas7bdat, .xpt), SPSS (.sav) and Stata (.dta) up to 512 MB. "
            "How it is written is found by itself."
        ),
    )
    title = forms.CharField(label=_("Title"), max_length=150)
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        validators=[NAME],
        help_text=_("For programs: a-z, 0-9, hyphen, underscore. An existing name gets a new version."),
    )
    sensitivity = forms.ChoiceField(label=_("Sensitivity"), choices=Sensitivity.choices)


class DialectForm(forms.Form):
    """How the file is written."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=[(name, ENCODING_WORDS[name]) for name in ENCODINGS])
    delimiter = forms.ChoiceField(label=_("Delimiter"), choices=DELIMITER_WORDS)
    decimal = forms.ChoiceField(label=_("Decimal sign"), choices=[(".", _("point")), (",", _("comma"))])
    dates = forms.ChoiceField(
        label=_("Dates"), choices=[("day", _("day first: 23/11/2026")), ("month", _("month first: 11/23/2026"))]
    )
    header = forms.BooleanField(label=_("The first row has the names of the columns"), required=False)


class PlanForm(DialectForm):
    """How the file is written, and the name and type of each column."""

    def __init__(self, plan: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> None:
        dialect = dict(plan["dialect"])
        dialect["dates"] = "day" if dialect.pop("day_first") else "month"
        super().__init__(data, initial=dialect)
        self.plan = plan
        self.editable = len(plan["columns"]) <= EDITABLE
        for number, column in enumerate(plan["columns"] if self.editable else (), start=1):
            self.fields[f"columns.{number}"] = forms.CharField(
                label=_("Name of column %(number)s") % {"number": number}, max_length=200, initial=column["name"]
            )
            self.fields[f"type.{number}"] = forms.ChoiceField(
                label=_("Type of column %(number)s") % {"number": number},
                choices=[(name, TYPE_WORDS[name]) for name in TYPES],
                initial=column["type"],
            )

    @property
    def dialect_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in DialectForm.base_fields]

    @property
    def column_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        numbers = range(1, len(self.plan["columns"]) + 1) if self.editable else ()
        return [(self[f"columns.{number}"], self[f"type.{number}"]) for number in numbers]

    @property
    def wanted(self) -> dict[str, Any]:
        """The plan as it was filled in."""
        given = self.cleaned_data
        columns = self.plan["columns"]
        if self.editable:
            numbers = range(1, len(columns) + 1)
            columns = [{"name": given[f"columns.{number}"], "type": given[f"type.{number}"]} for number in numbers]
        dialect = {name: given[name] for name in ("encoding", "delimiter", "decimal", "header")}
        return {"dialect": {**dialect, "day_first": given["dates"] == "day"}, "columns": columns}


class DocumentForm(forms.Form):
    """The sheet of a workbook, and the name of each column; its type too, where the file doesn't say it."""

    def __init__(self, plan: Mapping[str, Any], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.plan = plan
        self.editable = len(plan["columns"]) <= EDITABLE
        if plan["format"] == "xlsx":
            sheets = [(name, name) for name in plan["sheets"]]
            self.fields["sheet"] = forms.ChoiceField(label=_("Sheet"), choices=sheets, initial=plan["sheet"])
            self.fields["header"] = forms.BooleanField(
                label=_("The first row has the names of the columns"), required=False, initial=plan["header"]
            )
        self.dialect_names = [name for name in ("sheet", "header") if name in self.fields]
        for number, column in enumerate(plan["columns"] if self.editable else (), start=1):
            self.fields[f"columns.{number}"] = forms.CharField(
                label=_("Name of column %(number)s") % {"number": number}, max_length=200, initial=column["name"]
            )
            types = TYPES if plan["format"] == "xlsx" else [column["type"]]
            self.fields[f"type.{number}"] = forms.ChoiceField(
                label=_("Type of column %(number)s") % {"number": number},
                choices=[(name, TYPE_WORDS.get(name, name)) for name in types],
                initial=column["type"],
            )

    @property
    def dialect_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.dialect_names]

    @property
    def column_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        numbers = range(1, len(self.plan["columns"]) + 1) if self.editable else ()
        return [(self[f"columns.{number}"], self[f"type.{number}"]) for number in numbers]

    @property
    def wanted(self) -> dict[str, Any]:
        """The plan as it was filled in."""
        given, columns = self.cleaned_data, self.plan["columns"]
        if self.editable:
            numbers = range(1, len(columns) + 1)
            columns = [{"name": given[f"columns.{number}"], "type": given[f"type.{number}"]} for number in numbers]
        return {**{name: given[name] for name in self.dialect_names}, "columns": columns}


class ReasonForm(forms.Form):
    """Why the dictionary is changed, and from which revision on."""

    reason = forms.CharField(label=_("Why"), max_length=500, help_text=_("Kept in the history of the dictionary."))
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class DictionaryFileForm(ReasonForm):
    """A dictionary to read in."""

    file = forms.FileField(
        label=_("Dictionary"), help_text=_("CSV, or Table Schema (JSON). What it doesn’t speak of stays as it is.")
    )
    field_order = ("file", "reason")


class DictionaryForm(ReasonForm):
    """The dictionary as a grid: one line for each of some columns, each field named after the line's number."""

    everywhere = forms.BooleanField(
        label=_("Change the sensitivity in the other versions of the dataset too"), required=False
    )

    def __init__(
        self, columns: Sequence[Mapping[str, Any]], first: int, revision: int, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial={"revision": revision})
        self.names = {column["name"]: number for number, column in enumerate(columns, first)}
        self.columns = columns
        for number, column in enumerate(columns, first):
            for field in FIELDS:
                made = field_for(field)
                made.label = f"{FIELD_WORDS[field]} · {column['name']}"
                made.initial = written(field, column[field])
                self.fields[f"{field}.{number}"] = made

    def lines(self) -> Iterator[tuple[Mapping[str, Any], list[forms.BoundField]]]:
        for column, number in zip(self.columns, self.names.values(), strict=True):
            yield column, [self[f"{field}.{number}"] for field in FIELDS]

    def place_of(self, fault: str) -> str:
        """The field of the grid that a fault of the service is about."""
        name, _sign, field = fault.rpartition(".")
        return f"{field}.{self.names[name]}" if name in self.names else fault

    @property
    def edits(self) -> list[dict[str, Any]]:
        return [
            {"name": name, **{field: self.cleaned_data[f"{field}.{number}"] for field in FIELDS}}
            for name, number in self.names.items()
        ]


class CodesField(forms.CharField):
    """``1 = Yes``, one a line."""

    widget = forms.Textarea(attrs={"rows": 1})

    def clean(self, value: Any) -> dict[str, str]:
        try:
            return pairs_of(0, super().clean(value))
        except BadDictionary:
            raise forms.ValidationError(_("Codes are written «1 = Yes», one a line, or as JSON.")) from None


class ListField(forms.CharField):
    """Values with commas between."""

    def clean(self, value: Any) -> list[str]:
        try:
            return list_of(0, super().clean(value))
        except BadDictionary:
            raise forms.ValidationError(_("Missing codes are written with commas between.")) from None


def field_for(field: str) -> forms.Field:
    if field == "sensitivity":
        return forms.ChoiceField(choices=Level.choices, required=False)
    if field == "codes":
        return CodesField(required=False)
    if field == "missing_codes":
        return ListField(required=False)
    widget = forms.Textarea(attrs={"rows": 1}) if field == "description" else forms.TextInput()
    return forms.CharField(required=False, max_length=TEXTS[field], widget=widget)


def written(field: str, value: Any) -> str:
    if field == "codes":
        return "\n".join(f"{code} = {label}" for code, label in value.items())
    return ", ".join(value) if field == "missing_codes" else value


class CompareForm(forms.Form):
    """Two versions of a dataset, and the columns that tell its rows apart."""

    before = forms.ChoiceField(label=_("Earlier version"))
    after = forms.ChoiceField(label=_("Later version"))
    key = forms.MultipleChoiceField(
        label=_("Key"),
        help_text=_("The columns that together tell the rows apart: one to five."),
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )

    def __init__(self, numbers: Sequence[int], columns: Sequence[str], data: Mapping[str, Any] | None = None) -> None:
        initial = {"after": numbers[0], "before": numbers[min(1, len(numbers) - 1)]}
        super().__init__(data, initial=initial)
        for side in ("before", "after"):
            offer(self, side, [(str(number), _("version %(number)s") % {"number": number}) for number in numbers])
        offer(self, "key", [(name, name) for name in columns])


class JoinedForm(forms.Form):
    """What the result of a join is to be called."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        validators=[NAME],
        help_text=_("Letters without accents, digits, hyphens and underscores. An existing name gets a new version."),
    )
    title = forms.CharField(label=_("Title"), max_length=150)
