"""Lines as OMOP rows, as PN13-like JSON and as tables."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prescriptions import engine
from prescriptions.engine.exchange import omop, pn13, table
from prescriptions.engine.exchange.fhir import Sent
from prescriptions.engine.exchange.omop import DrugExposure
from prescriptions.engine.reference.product import Product
from prescriptions.engine.schema import Dosage, Medication
from tests.prescriptions.test_cases import CASES

DAY = dt.date(2026, 11, 12)


def medication(text: str) -> Medication:
    return engine.read_line(text).medication


def exposure(text: str, date: dt.date | None = DAY) -> DrugExposure:
    return omop.row(1, 2, medication(text), date)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("DOLIPRANE 1 g : 1 cp le soir pendant 5 jours", 5),
        ("SOLUPRED 20 mg : 3 cp le matin pendant 3 jours puis 2 cp le matin pendant 4 jours", 7),
        ("KARDEGIC 75 mg : 1 sachet le midi QSP 3 mois", 90),
        ("AUGMENTIN 1 g : 1 cp matin et soir pendant 5 à 7 jours", 7),
        ("SOLUPRED 20 mg : 3 cp le matin pendant 3 jours puis 2 cp le matin", None),
        ("DOLIPRANE 1 g : 1 cp le soir", None),
    ],
)
def test_days_of_supply(text: str, days: int | None) -> None:
    """Steps add up, a range counts to its end, QSP where there is no duration; an open step leaves it unknown."""
    row = exposure(text)
    assert row.days_supply == days
    assert row.verbatim_end_date == (DAY + dt.timedelta(days=days - 1) if days else None)


def test_a_row() -> None:
    """Type, dates, refills, sig and source values; no concept is made up, and a map gives those that it has."""
    text = "LEVOTHYROX 75 µg : 1 cp le matin PO, QSP 28 jours, à renouveler 5 fois"
    row = exposure(text)
    assert (row.drug_concept_id, row.drug_type_concept_id, row.refills) == (0, 32838, 5)
    assert (row.drug_source_value, row.route_source_value, row.dose_unit_source_value) == (
        "LEVOTHYROX 75 µg", "orale", "comprimé",
    )  # fmt: skip
    assert row.sig == "1 comprimé le matin, voie orale"
    concepts = {("drug", "60000001"): 19, ("route", "orale"): 4132161}
    product = Product("60000001", "FICTIVOL", "fictivol")
    mapped = omop.row(
        1, 2, medication(text), None, product=product, concepts=lambda kind, code: concepts.get((kind, code), 0)
    )
    assert (mapped.drug_concept_id, mapped.route_concept_id, mapped.drug_exposure_start_date) == (19, 4132161, None)


def test_the_columns_are_the_cdms() -> None:
    """The fields that the Vulcan guide fills, by the names of the CDM."""
    assert {one.name for one in fields(DrugExposure)} >= {
        "drug_exposure_id", "person_id", "drug_concept_id", "drug_exposure_start_date", "drug_exposure_end_date",
        "verbatim_end_date", "drug_type_concept_id", "refills", "quantity", "days_supply", "sig", "route_concept_id",
        "drug_source_value", "route_source_value", "dose_unit_source_value",
    }  # fmt: skip


def test_pn13() -> None:
    """Names of PN13: dose, duration, structured frequency with its scale, days from Monday 1, named periods, hours."""
    weekly = pn13.element(2, medication("METHOTREXATE 2,5 mg : 4 cp le lundi pendant 3 mois, non substituable"), None,
        None)  # fmt: skip
    [dosage] = weekly["Elément_posologie"]
    assert dosage["Quantité"] == {"Nombre": 4, "Unité": "comprimé"}
    assert dosage["Durée"] == {"Nombre": 3, "Unité": "mo"}
    assert dosage["Fréquence_structurée"]["Frq_filtre"] == {"Frq_filtreVal_1_J": ["1"]}
    assert weekly["Composant_prescrit"][0]["Non_substituable"] is True
    often = pn13.element(
        1, medication("DOLIPRANE 1 g : 1 à 2 cp toutes les 6 heures si douleur, max 4 cp/j"), None, None
    )
    assert often["Elément_posologie"][0]["Fréquence_structurée"] == {
        "Frq_multiplicité": 1, "Frq_durée": 6, "Frq_échelle": "3",
    }  # fmt: skip
    assert often["Elément_posologie"][0]["Quantité"] == {"Nombre_min": 1, "Nombre_max": 2, "Unité": "comprimé"}
    assert often["Conditions_application"].startswith("si douleur ; maximum 4 comprimés par jour")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_case_has_rows(case: dict[str, str]) -> None:
    """Each case is JSON, a row of the CDM, and as many rows of a table as it has dosages."""
    read = medication(case["text"])
    sent = Sent("urn:uuid:1", {1: read}, label="1")
    json.dumps(pn13.message([sent]), allow_nan=False)
    assert exposure(case["text"]).person_id == 2
    rows = list(csv.reader(io.StringIO(table.text([sent]).removeprefix(table.MARK)), delimiter=";"))
    assert len(rows) == 1 + max(1, len(read.dosage))
    assert {len(row) for row in rows} == {len(table.HEADERS["fr"])}


def test_both_languages() -> None:
    """French: semicolons and decimal commas; English: commas and points; both with as many headers."""
    sent = Sent("urn:uuid:1", {1: medication("SERESTA 50 mg : 0,5 cp le soir")}, label="7", reviewed=False)
    french, english = table.text([sent], "fr"), table.text([sent], "en")
    assert ";non;" in french
    assert ";0,5;0,5;" in french
    assert ",no," in english
    assert ",0.5,0.5," in english
    assert len(table.HEADERS["fr"]) == len(table.HEADERS["en"])
    assert french.count("\r\n") == 2


@given(st.text(max_size=40))
def test_no_cell_is_run(words: str) -> None:
    """Whatever a name or a remark is, no spreadsheet takes it for a formula, and the file is read back as rows."""
    read = Medication(name=words, dosage=(Dosage(additional=(words,)),))
    text = table.text([Sent("urn:uuid:1", {1: read}, label="1")])
    _header, *rows = list(csv.reader(io.StringIO(text.removeprefix(table.MARK), newline=""), delimiter=";"))
    assert len(rows) == 1
    for cell in rows[0]:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or cell.lstrip("-").replace(",", "").isdigit()
