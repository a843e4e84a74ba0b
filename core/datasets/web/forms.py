"""Forms of an upload: the file, then how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.datasets.engine.csv.detection import ENCODINGS
from core.datasets.engine.csv.values import TYPES
from core.datasets.models import NAME, Sensitivity

EDITABLE = 300
"""Columns up to which each can be corrected on the page."""
TYPE_WORDS = {
    "text": _("text"),
    "integer": _("whole number"),
    "number": _("number"),
    "date": _("date"),
    "datetime": _("date and time"),
    "boolean": _("yes or no"),
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


class UploadForm(forms.Form):
    """What is uploaded, and as what."""

    file = forms.FileField(
        label=_("CSV file"), help_text=_("Up to 2 GB. Delimiter, encoding and decimal sign are found by themselves.")
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
