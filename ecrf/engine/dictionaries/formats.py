"""The kinds of files that hold a dictionary. Each reader names what is wrong by line, and nothing is half taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ecrf.engine.dictionaries import claml, meddra, table
from ecrf.engine.dictionaries.terms import MOST_CODE, MOST_LABEL, MOST_TERMS, Term
from ecrf.engine.faults import Fault

MAX_BYTES = 64 * 1024 * 1024
MOST_FAULTS = 50


@dataclass
class Loaded:
    """The terms of a file, what its levels are called, and what is wrong with it."""

    terms: list[Term] = field(default_factory=list)
    levels: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)


Reader = Callable[[bytes], tuple[list[Term], tuple[str, ...], list[Fault]]]
FORMATS: dict[str, Reader] = {
    "csv": table.read,
    "atc": table.read_atc,
    "icd10": table.read_icd,
    "claml": claml.read,
    "meddra": meddra.read,
}


def read(kind: str, content: bytes) -> Loaded:
    """The dictionary of a file of this kind."""
    if len(content) > MAX_BYTES:
        return Loaded(faults=[Fault("", "file_too_large", {"limit": MAX_BYTES // 1024 // 1024})])
    terms, levels, faults = FORMATS[kind](content)
    if len(terms) > MOST_TERMS:
        faults.append(Fault("", "too_many_terms", {"limit": MOST_TERMS}))
    if not terms and not faults:
        faults.append(Fault("", "no_terms"))
    seen: set[str] = set()
    for term in terms:
        if term.code in seen:
            faults.append(Fault(term.code[:MOST_CODE], "code_twice", {"code": term.code[:MOST_CODE]}))
        if not term.code or len(term.code) > MOST_CODE or not term.label or len(term.label) > MOST_LABEL:
            faults.append(Fault(term.code[:MOST_CODE], "bad_term", {"code": term.code[:MOST_CODE]}))
        seen.add(term.code)
        if len(faults) >= MOST_FAULTS:
            break
    return Loaded(terms, levels, faults[:MOST_FAULTS])
