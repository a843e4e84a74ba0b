"""The engine: French ordonnances in, structured lines out. Plain Python; no database, no clock, no network.

>>> from prescriptions.engine import read_line
>>> read_line("DOLIPRANE 1000 mg : 1 cp x3/j pdt 5 j").medication.name
'DOLIPRANE'
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from prescriptions.engine import confidence, document, line, safety, text, tokens
from prescriptions.engine.codec import decode, encode
from prescriptions.engine.medicines.lexicon import Formulary, Lexicon, Term
from prescriptions.engine.reference.starting import starter_lexicon as starter
from prescriptions.engine.schema import Dosage, Evidence, Head, Line, Medication, Ordonnance, Quantity

LONGEST = 100_000
"""Characters of one text. Longer ones are refused by callers before they come here."""


def read_line(written: str, lexicon: Lexicon | None = None) -> Line:
    """One line, whatever is in it; how sure of each field as a probability."""
    return confidence.calibrated(read_raw(written, lexicon))


def read_raw(written: str, lexicon: Lexicon | None = None) -> Line:
    """One line with the confidences that its rules give, less sure of doses that can't be: what calibration is of."""
    known = lexicon or starter()
    read = tokens.tokenise(text.read(written), known=known.words)
    found = line.structure(read, 0, len(read), known)
    return safety.doubted(found, safety.check_line(found))


def read_ordonnance(written: str, lexicon: Lexicon | None = None) -> Ordonnance:
    """A whole text: its lines and its other passages; how sure of each field as a probability."""
    found = safety.judged(document.structure_text(written, lexicon or starter()))
    return replace(found, lines=tuple(confidence.calibrated(one) for one in found.lines))


def summary(ordonnance: Ordonnance) -> dict[str, Any]:
    """The shape of the published cases: document, medications, what is stopped, what is no medicine."""
    shown: dict[str, Any] = {"document": encode(ordonnance.document)}
    shown["medications"] = [encode(one.medication) for one in ordonnance.lines]
    for key, kind in (("stopped", "stopped"), ("non_medication", "other")):
        if items := [passage.name or passage.text for passage in ordonnance.passages if passage.kind == kind]:
            shown[key] = items
    return shown


__all__ = ["LONGEST", "Dosage", "Evidence", "Formulary", "Head", "Lexicon", "Line", "Medication", "Ordonnance",
    "Quantity", "Term",
           "decode", "encode", "read_line", "read_ordonnance", "read_raw", "starter", "summary"]  # fmt: skip
