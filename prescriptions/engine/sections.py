"""What the rows of an ordonnance are besides medicines: stopped treatments, ALD zones, other orders, notes for all."""

from __future__ import annotations

from dataclasses import dataclass, replace

from prescriptions.engine.grammar import facts as f
from prescriptions.engine.grammar.rules import read_facts
from prescriptions.engine.line import after_bullet
from prescriptions.engine.medicines.find import find
from prescriptions.engine.medicines.lexicon import Lexicon
from prescriptions.engine.schema import Passage
from prescriptions.engine.text import Reading, plain
from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words import passages
from prescriptions.engine.words.vocabulary import CONTENTLESS


@dataclass(slots=True)
class Row:
    """One written line: its tokens, and whether it is set in."""

    first: int
    last: int
    start: int
    end: int
    indented: bool
    after_gap: bool


def _said_stopped(texts: list[str]) -> int:
    """How many words at the start say that something ends."""
    lengths = (len(words.split()) for words in passages.STOPPED if texts[: len(words.split())] == words.split())
    return max(lengths, default=0)


def announces_stopped(tokens: Tokens, row: Row) -> bool:
    """`Traitements arrêtés :` with nothing more: what is listed below has ended."""
    start = after_bullet(tokens, row.first, row.last)
    texts = [token.text for token in tokens.list[start : row.last]]
    length = _said_stopped(texts)
    return bool(length) and texts[length:] in ([], [":"], ["a", "l", "'", "admission", ":"])


def _ends_stopped(tokens: Tokens, start: int, row: Row, lexicon: Lexicon) -> int:
    """`Ramipril 5 mg : arrêt`: the token of the word that ends it, or that of the row's end."""
    last = row.last - 1
    while last > start and tokens.list[last].kind == "sign":
        last -= 1
    if last - start > 6 or tokens.list[last].text not in passages.ENDED or tokens.list[start].kind != "word":
        return row.last
    medicine = find(tokens, start, lexicon)
    told = any(isinstance(fact.value, (f.Frequency, f.When, f.Slots)) for fact in read_facts(tokens, start, last))
    return row.last if medicine is None or medicine.term is None or told else last


def stopped(tokens: Tokens, row: Row, lexicon: Lexicon, *, listed: bool = False) -> list[Passage]:
    """`Arrêt : Ramipril, Bisoprolol`: one passage for each treatment that ends, or nothing.

    `listed`: a row above has said that what follows is stopped.
    """
    start = after_bullet(tokens, row.first, row.last)
    texts = [token.text for token in tokens.list[start : row.last]]
    length = _said_stopped(texts)
    ended = start < row.last and not length and _ends_stopped(tokens, start, row, lexicon) < row.last
    if not (length or ended or listed) or "travail" in texts:
        return []
    found: list[Passage] = []
    at = start + length
    while at < row.last:
        medicine = find(tokens, at, lexicon) if tokens.list[at].kind == "word" else None
        if medicine is not None and medicine.term is not None:
            found.append(replace(passage_of(tokens, "stopped", medicine.first, medicine.last), name=medicine.term.name))
            at = medicine.last
        else:
            at += 1
    if not found and not length:
        return []
    if not found:
        named = [
            token
            for token in tokens.list[start + length : row.last]
            if token.kind == "word" and token.text not in CONTENTLESS
        ]
        if not named or texts[length : length + 1] != [":"]:
            return []
        passage = passage_of(tokens, "stopped", row.first, row.last)
        return [replace(passage, name=plain(tokens.text(start + length + 1, row.last)).upper())]
    whole = passage_of(tokens, "stopped", row.first, row.last)
    return [replace(whole, name=passage.name) for passage in found]


def ald_zone(reading: Reading, row: Row) -> bool | None:
    """Whether what follows is for a long-term illness, where a row of a two-zone form says so."""
    text = " ".join(reading.plain[row.start : row.end].split())
    if any(word in text for word in passages.WITHOUT):
        return False
    if passages.ALD_ZONE in text or text.strip(" -:*=_") in (
        "ald",
        "traitement ald",
        "zone ald",
        "traitement en rapport avec l'ald",
        "en rapport avec l'ald",
        "en rapport avec une ald",
        "prescriptions en rapport avec l'ald",
    ):
        return True
    return False if text.strip(" -:*=_") in ("hors ald", "non ald", "sans ald") else None


def is_other(tokens: Tokens, row: Row, words: set[str]) -> bool:
    """Tests, care, devices: what is prescribed besides medicines."""
    start = after_bullet(tokens, row.first, row.last)
    if start >= row.last:
        return False
    if tokens.list[start].text in passages.OTHER_STARTS:
        return True
    return len(words & passages.OTHER) > 1 and not any(
        isinstance(fact.value, (f.Dose, f.Slots)) for fact in read_facts(tokens, start, row.last)
    )


SUPPLYING = (f.Supply, f.Renewal, f.Bounds, f.Ald)


def for_document(
    tokens: Tokens, row: Row, facts: list[f.Fact], *, under: bool, begun: bool, alone: bool = False
) -> bool:
    """`QSP 3 mois, à renouveler 2 fois`, alone and not set in below a medicine: said of the whole ordonnance.

    `under` a medicine; `begun`: another one is above; `alone`: that one's line is a single row.
    """
    if row.indented and under and not row.after_gap:
        return False
    if not facts or not all(isinstance(fact.value, SUPPLYING) for fact in facts):
        return False
    if begun and (alone or not under) and tokens.list[row.first].text == "pour":
        return True  # « Pour 3 mois », below medicines of one row each, or below something else
    if not any(isinstance(fact.value, (f.Supply, f.Renewal)) for fact in facts) and not says_treatment(tokens, row):
        return False
    return begun or not under or row.after_gap or says_treatment(tokens, row)


def says_treatment(tokens: Tokens, row: Row) -> bool:
    """Names the ordonnance or the treatment as a whole."""
    return any(
        token.text in ("ordonnance", "traitement", "prescription") for token in tokens.list[row.first : row.last]
    )


def as_supply(fact: f.Fact) -> f.Fact:
    """« Traitement pour 3 mois » of a whole ordonnance is what has to be supplied."""
    if isinstance(fact.value, f.Bounds):
        return fact._replace(value=f.Supply(fact.value.high or fact.value.low or 0.0, fact.value.unit))
    return fact


def passage_of(tokens: Tokens, kind: str, first: int, last: int) -> Passage:
    """Tokens [first, last) as a passage."""
    start, end = tokens.span(first, last)
    return Passage(kind, start, end, tokens.text(first, last))
