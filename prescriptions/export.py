"""Validated lines as rows of a table: one for each dose, with the whole reading as JSON in the last column."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from prescriptions import engine
from prescriptions.engine import wording
from prescriptions.models import Line

SCHEMA = pa.schema(
    [
        ("prescription", pa.int32()),
        ("line", pa.int32()),
        ("step", pa.int32()),
        ("medicine", pa.string()),
        ("atc", pa.string()),
        ("strength", pa.string()),
        ("form", pa.string()),
        ("dose_low", pa.float64()),
        ("dose_high", pa.float64()),
        ("dose_unit", pa.string()),
        ("frequency", pa.string()),
        ("duration", pa.string()),
        ("as_needed", pa.bool_()),
        ("as_needed_for", pa.string()),
        ("route", pa.string()),
        ("daily_low", pa.float64()),
        ("daily_high", pa.float64()),
        ("prescribed_on", pa.string()),
        ("corrected", pa.bool_()),
        ("reading", pa.string()),
    ]
)
COLUMNS: list[dict[str, Any]] = [
    {"name": "prescription", "label": _("Number of the prescription in the project")},
    {"name": "line", "label": _("Line of the prescription")},
    {"name": "step", "label": _("Step of the posology: those of equal number go together")},
    {"name": "medicine", "label": _("Medicine")},
    {"name": "atc", "label": _("ATC code")},
    {"name": "strength", "label": _("Strength")},
    {"name": "form", "label": _("Pharmaceutical form")},
    {"name": "dose_low", "label": _("Least dose")},
    {"name": "dose_high", "label": _("Greatest dose")},
    {"name": "dose_unit", "label": _("Unit of the dose")},
    {"name": "frequency", "label": _("Frequency in words")},
    {"name": "duration", "label": _("Duration in words")},
    {"name": "as_needed", "label": _("Only if needed")},
    {"name": "as_needed_for", "label": _("Needed for")},
    {"name": "route", "label": _("Route of administration")},
    {"name": "daily_low", "label": _("Least daily dose of the step")},
    {"name": "daily_high", "label": _("Greatest daily dose of the step")},
    {"name": "prescribed_on", "label": _("Date on the prescription")},
    {"name": "corrected", "label": _("A person corrected the line")},
    {"name": "reading", "label": _("The whole reading as JSON")},
]


def rows_of(line: Line) -> list[dict[str, Any]]:
    """One row for each dosage; a line without one still has a row. No part of the text is copied, names apart."""
    medication = line.read.medication
    date = line.document.reading.get("document", {}).get("date")
    common = {
        "prescription": line.document.number,
        "line": line.position,
        "medicine": medication.name,
        "atc": medication.atc,
        "strength": wording.strengths(medication.strength) or None,
        "form": medication.form,
        "prescribed_on": date,
        "corrected": line.corrected_by_id is not None,
        "reading": json.dumps(engine.encode(medication), ensure_ascii=False),
    }
    rows = []
    for dosage in medication.dosage or (None,):
        row: dict[str, Any] = {**common, "step": dosage.sequence if dosage else 1}
        if dosage is not None:
            dose = dosage.dose
            daily = medication.daily_dose.get(f"{dosage.sequence}|{dose.unit if dose else None}")
            row |= {
                "dose_low": (dose.low if dose.value is None else dose.value) if dose else None,
                "dose_high": (dose.high if dose.value is None else dose.value) if dose else None,
                "dose_unit": dose.unit if dose else None,
                "frequency": wording.rhythm(dosage.timing) or None,
                "duration": wording.length(dosage.timing.bounds if dosage.timing else None) or None,
                "as_needed": dosage.as_needed,
                "as_needed_for": dosage.as_needed_for,
                "route": dosage.route,
                "daily_low": daily[0] if daily else None,
                "daily_high": daily[1] if daily else None,
            }
        rows.append(row)
    return rows
