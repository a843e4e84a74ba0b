"""Lines as a table for spreadsheets: one row for each dosage, RFC 4180, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from prescriptions.engine import wording
from prescriptions.engine.exchange.fhir import Sent
from prescriptions.engine.schema import Dosage

HEADERS = {
    "fr": ("Ordonnance", "Relue", "Date", "Ligne", "Étape", "Médicament", "ATC", "CIS", "Dosage", "Forme", "Dose min",
           "Dose max", "Unité", "Rythme", "Durée", "Si besoin", "Limites", "Voie et site", "Remarques", "Délivrance"),
    "en": ("Prescription", "Reviewed", "Date", "Line", "Step", "Medicine", "ATC", "CIS", "Strength", "Form",
           "Least dose", "Greatest dose", "Unit", "Frequency", "Duration", "As needed", "Limits", "Route and site",
           "Remarks", "Dispensing"),
}  # fmt: skip
YES = {"fr": ("non", "oui"), "en": ("no", "yes")}
MARK = "\ufeff"
"""Without it spreadsheets don't take a file for UTF-8."""
_number = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")
_runs = re.compile(r"\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def text(sent: Iterable[Sent], language: str = "fr") -> str:
    """The whole file. French spreadsheets part cells with a semicolon and write decimals with a comma.

    Raises KeyError for a language that has no headers.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if language == "fr" else ",", lineterminator="\r\n")
    writer.writerow(HEADERS[language])
    for one in sent:
        writer.writerows([cell(value, language) for value in row] for row in _rows(one, language))
    return MARK + out.getvalue()


def cell(value: str | float | None, language: str) -> str:
    """A cell; an apostrophe stands before what a spreadsheet would run. A number stays one."""
    if value is None:
        return ""
    if isinstance(value, float | int):
        said = wording.plain_number(value)
        return said if language == "fr" else said.replace(",", ".")
    return f"'{value}" if _runs.match(value) and not _number.fullmatch(value) else value


def _rows(sent: Sent, language: str) -> Iterator[list[str | float | None]]:
    for number, medication in sent.medications.items():
        product = sent.products.get(number)
        dispense = medication.dispense or sent.head.dispense
        for dosage in medication.dosage or (Dosage(),):
            yield [
                sent.label, YES[language][sent.reviewed], sent.head.date, float(number), float(dosage.sequence),
                medication.name, medication.atc, product.cis if product else None,
                wording.strengths(medication.strength), medication.form, *_dose(dosage),
                wording.rhythm(dosage.timing), wording.length(dosage.timing.bounds if dosage.timing else None),
                wording.need(dosage), wording.limits(dosage), wording.route(dosage), " ; ".join(dosage.additional),
                wording.supply(dispense, medication.substitution, medication.ald),
            ]  # fmt: skip


def _dose(dosage: Dosage) -> tuple[str | float | None, ...]:
    dose = dosage.dose
    if dose is None:
        return None, None, wording.rate(dosage) or None
    single = dose.value is not None
    return (dose.value if single else dose.low), (dose.value if single else dose.high), dose.unit
