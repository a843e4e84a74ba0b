"""The engine: French ordonnances in, structured lines out. Plain Python; no database, no clock, no network.

>>> from prescriptions.engine import read_line
>>> read_line("DOLIPRANE 1000 mg : 1 cp x3/j pdt 5 j").medication.name
'DOLIPRANE'
"""

from __future__ import annotations

from typing import Any

from prescriptions.engine import document, line, text, tokens
from prescriptions.engine.codec import decode, encode
from prescriptions.engine.medicines.lexicon import Formulary, Lexicon, Term
from prescriptions.engine.reference.starting import starter_lexicon as starter
from prescriptions.engine.schema import Dosage, Evidence, Head, Line, Medication, Ordonnance, Quantity

LONGEST = 100_000
"""Characters of one text. Longer ones are refused by callers before they come here."""


def read_line(written: str, lexicon: Lexicon | None = None) -> Line:
    """One line, whatever is in it."""
    known = lexicon or starter()
    read = tokens.tokenise(text.read(written), known=known.words)
    return line.structure(read, 0, len(read), known)


def read_ordonnance(written: str, lexicon: Lexicon | None = None) -> Ordonnance:
    """A whole text: its lines and its other passages."""
    return document.structure_text(written, lexicon or starter())


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
           "decode", "encode", "read_line", "read_ordonnance", "starter", "summary"]  # fmt: skip
