"""One line of an ordonnance: medicine, strength, form, then its posology."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, takewhile
from typing import Any

from prescriptions.engine import columns
from prescriptions.engine.grammar import facts as f
from prescriptions.engine.grammar.amounts import AMOUNT, Amount
from prescriptions.engine.grammar.build import daily_dose, dispensing, dosage, evidence
from prescriptions.engine.grammar.draft import KIND_OF, Draft
from prescriptions.engine.grammar.posology import assemble, attach, leftovers
from prescriptions.engine.grammar.rules import read_facts
from prescriptions.engine.kept import doubt_lost_numbers, doubt_what_is_taken_back
from prescriptions.engine.medicines.find import Found, find, unknown
from prescriptions.engine.medicines.fullname import complete
from prescriptions.engine.medicines.head import Head, read
from prescriptions.engine.medicines.lexicon import Lexicon
from prescriptions.engine.medicines.places import code_for
from prescriptions.engine.medicines.strengths import STRENGTH
from prescriptions.engine.schema import Evidence, Line, Medication, Strength
from prescriptions.engine.text import plain
from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words.units import FORMS_OF_UNITS, TAKEN

BULLETS = frozenset({"|", "-", "•", "·", "*", ">", "–", "▪", "■", "●", "○", "+", "→"})
UNIT_OF_FORM = {"comprimé": "comprimé", "gélule": "gélule", "sachet": "sachet", "suppositoire": "suppositoire",
                "ovule": "ovule", "ampoule": "ampoule", "patch": "patch", "capsule": "capsule",
                "dispositif transdermique": "patch", "pastille": "pastille"}  # fmt: skip
TIMED = (f.When, f.Clock, f.Frequency, f.Meal, f.Days, f.Once, f.Cycle, f.CycleDays)
DOSE_LIKE = frozenset({"mg", "g", "µg", "UI", "mmol", "mEq", "MUI"})


def after_bullet(tokens: Tokens, first: int, stop: int) -> int:
    """The token after `1)`, `2.`, `-`…: where the line really begins."""
    if first >= stop:
        return first
    token = tokens.list[first]
    if token.text in BULLETS:
        return after_bullet(tokens, first + 1, stop)
    if token.text in ("r", "rp") and first + 2 < stop and tokens.list[first + 1].text in ("/", ")", ":"):
        return first + 2  # « R/ »
    if first + 2 < stop and token.kind == "number" and token.value is not None and 1 <= token.value <= 40:
        sign = tokens.list[first + 1]
        if sign.text in ("°", ".") and tokens.list[first + 2].text in (")", "-") and first + 3 < stop:
            return first + 3  # « 1°) »
        if tokens.glued(first + 2) and len(tokens.list[first + 2].text) < 3:
            return first  # « 1.Z5 cp » is a misread number
        if sign.text in (")", ".", "/", "-", "°", ":") and tokens.list[first + 2].kind == "word":
            if sign.text != ")" and {"time", "taken", "measured", "moment"} & tokens.lexemes[first + 2].keys():
                return first
            return first + 2
    return first


def medicine_at(tokens: Tokens, first: int, stop: int, lexicon: Lexicon, *, guess: bool = True) -> Found | None:
    """The medicine that a line begins with."""
    found = find(tokens, first, lexicon)
    if found is not None and found.last <= stop:
        return _titled(tokens, found, stop, lexicon) or found
    other = unknown(tokens, first, stop) if guess else None
    return (_titled(tokens, other, stop, lexicon) or other) if other else None


def _titled(tokens: Tokens, title: Found, stop: int, lexicon: Lexicon) -> Found | None:
    """`Laxatif : MOVICOL 2 sachets`: what stands before the colon is a title, and the medicine follows."""
    at = title.last + 1
    if at >= stop or tokens.texts[title.last] != ":":
        return None
    found = find(tokens, at, lexicon, fuzzy=False)
    told = found and found.last < stop and (STRENGTH(tokens, found.last) or AMOUNT(tokens, found.last))
    return found if told else None


def structure(
    tokens: Tokens,
    first: int,
    stop: int,
    lexicon: Lexicon,
    *,
    found: Found | None = None,
    moments: tuple[str, ...] = (),
) -> Line:
    """The line that tokens [first, stop) are; `moments` are the titles of the columns that it stands under."""
    start = after_bullet(tokens, first, stop)
    found = found or medicine_at(tokens, start, stop, lexicon)
    whole_name = None
    if found:
        found, whole_name = complete(tokens, found, stop, lexicon)
    head = read(tokens, found, stop) if found else None
    begin = head.end if head else start
    while moments and head and begin > head.found.last and tokens.texts[begin - 1] == "|":
        begin -= 1  # empty cells
    if moments and (cells := columns.slots(tokens, begin, stop, moments)):
        facts = [*read_facts(tokens, begin, cells.first), cells, *read_facts(tokens, cells.last, stop)]
    else:
        facts = _handed_over(read_facts(tokens, begin, stop))
    drafts = assemble(
        tokens,
        _with_strength_dose(tokens, facts, head),
        UNIT_OF_FORM.get((head.form or "").split(" ")[0]) if head else None,
    )
    attach(drafts, tokens, leftovers(tokens, facts, begin, stop))
    dosages = tuple(dosage(draft) for draft in drafts)
    dispense, substitution, ald = dispensing(facts)
    form = head.form if head else None
    proofs = (head.proofs if head else []) + evidence(drafts, tokens) + _supplied(facts, tokens)
    if head and form is None and (proof := _form_of_unit(drafts, proofs)):
        form = proof[0]
        proofs.append(proof[1])
    strengths = tuple(head.strengths if head else ()) or _said_strengths(facts)
    name = None
    if found:
        name = whole_name or (found.term.name if found.term else plain(found.text).upper())
    span = tokens.span(first, stop) if first < stop else (0, 0)
    medication = Medication(
        name=name,
        strength=strengths,
        form=form,
        atc=_code(found, form, drafts),
        dosage=dosages,
        dispense=dispense,
        substitution=substitution,
        ald=ald,
        daily_dose=daily_dose(dosages),
    )
    proofs = doubt_lost_numbers(medication, proofs, tokens)
    proofs = doubt_what_is_taken_back(proofs, tokens, first, stop)
    return Line(
        start=span[0],
        end=span[1],
        text=tokens.text(first, stop),
        medication=medication,
        evidence=tuple(sorted(proofs, key=lambda proof: (proof.start, proof.end, proof.path))),
    )


def _code(found: Found | None, form: str | None, drafts: list[Draft]) -> str | None:
    """The code of the name; of what is used in several places, that of the place which is told.

    A brand has that of its form, wherever it is put: eye drops in an ear are eye drops.
    """
    if not (found and found.term and found.term.atc):
        return None
    put = [draft.route for draft in drafts] if found.term.kind == "inn" else []
    units = [draft.amount.unit for draft in drafts if draft.amount]
    return code_for(found.term.atc, [*put, form, *units])


def _with_strength_dose(tokens: Tokens, facts: list[f.Fact], head: Head | None) -> list[f.Fact]:
    """`RAMIPRIL 5 mg le soir`: with no other dose, the strength is taken; units of insulin never are a strength."""
    told = any(isinstance(fact.value, (*TIMED, f.FirstDay, f.Reason)) for fact in facts)
    if head is None or not head.strengths or not told:
        return facts
    step = list(takewhile(lambda fact: not isinstance(fact.value, f.Then), facts))
    if any(isinstance(fact.value, f.Frequency) and fact.value.counts_units for fact in step):
        return facts
    if any(isinstance(fact.value, (f.Dose, f.Slots, f.Taper, f.Rate)) and not _later(step, fact) for fact in step):
        return facts
    strength = head.strengths[-1]
    if strength.unit not in DOSE_LIKE or strength.per:
        return facts
    place = next(n for n in range(head.end - 1, -1, -1) if tokens.list[n].kind == "number")
    mended = tokens.repaired(place, place + 2)
    insulin = not mended and bool(head.found.term and head.found.term.atc.startswith("A10A")) and strength.unit == "UI"
    sure, why = (0.95, "") if insulin else (0.7, "the strength is taken as the dose")
    if insulin:
        head.strengths.pop()
        head.proofs = [proof for proof in head.proofs if proof.kind != "strength"]
    return [f.Fact(f.Dose(Amount(strength.value, strength.value, strength.unit)), place, place + 2, sure, why), *facts]


def _later(facts: list[f.Fact], dose: f.Fact) -> bool:
    """This dose comes after a moment and has one of its own, or a reason: `1 g à 7 h et 500 mg à 18 h`, `+ 2 UI si`."""
    places = [fact.first for fact in facts if isinstance(fact.value, TIMED)]
    has_reason = any(isinstance(fact.value, f.Reason) and fact.first == dose.last for fact in facts)
    return any(place < dose.first for place in places) and (has_reason or any(place > dose.first for place in places))


MANY = 7
"""From so many on, units counted after a whole posology are what is handed over."""


def _handed_over(facts: list[f.Fact]) -> list[f.Fact]:
    """`1/j, 28 comprimés`: the last count, after a rhythm and with none of its own, is a quantity and not a dose."""
    doses = [place for place, fact in enumerate(facts) if isinstance(fact.value, f.Dose)]
    if not doses:
        return facts
    last = doses[-1]
    counted_dose: Any = facts[last].value
    amount: Amount = counted_dose.amount
    before, after = facts[:last], facts[last + 1 :]
    rhythm = any(isinstance(fact.value, f.Frequency) and fact.value.bare for fact in before) or (
        len(doses) > 1 and any(isinstance(fact.value, TIMED) for fact in before)
    )
    whole = amount.unit in TAKEN and amount.low == amount.high == int(amount.low)
    alike = any(isinstance(fact.value, f.Dose) and fact.value.amount.unit == amount.unit for fact in before)
    few = alike and amount.low > 1 and not after and any(
        isinstance(fact.value, f.Frequency) and fact.last == facts[last].first - 1 for fact in before
    )  # fmt: skip
    counted = whole and (amount.low >= MANY or few)
    if not (rhythm and counted) or any(isinstance(fact.value, (*TIMED, f.Bounds, f.Limit, f.Reason)) for fact in after):
        return facts
    if any(isinstance(fact.value, f.Then) for fact in before[-1:]):
        return facts
    pack = facts[last]._replace(
        value=f.Pack(amount.low, amount.unit or ""),
        sure=0.85 if amount.low >= MANY else 0.7,
        why="taken for what is handed over",
    )
    return [*before, pack, *after]


def _said_strengths(facts: list[f.Fact]) -> tuple[Strength, ...]:
    return tuple(Strength(fact.value.value, fact.value.unit) for fact in facts if isinstance(fact.value, f.Strength))


def _form_of_unit(drafts: list[Draft], proofs: list[Evidence]) -> tuple[str, Evidence] | None:
    for draft in drafts:
        if draft.amount and draft.amount.unit in FORMS_OF_UNITS:
            dose = next((proof for proof in proofs if proof.path.endswith(".dose")), None)
            if dose:
                return draft.amount.unit, replace(
                    dose,
                    path="form",
                    kind=KIND_OF["form"],
                    confidence=min(dose.confidence, 0.9),
                    why="told by the dose",
                )
    return None


def _supplied(facts: list[f.Fact], tokens: Tokens) -> list[Evidence]:
    names = {f.Supply: "dispense.qsp", f.Pack: "dispense.quantity", f.Renewal: "dispense.renewal",
             f.Substitution: "substitution", f.Ald: "ald", f.Strength: "strength.0"}  # fmt: skip
    found = []
    for before, fact in pairwise([None, *facts]):
        if fact is None:
            continue
        if before and isinstance(before.value, f.Reason) and isinstance(fact.value, f.Renewal):
            fact = fact._replace(sure=min(fact.sure, 0.6), why="one or the other")
        if name := names.get(type(fact.value)):
            start, end = tokens.span(fact.first, fact.last)
            kind = KIND_OF[name.split(".")[0]]
            found.append(Evidence(name, kind, start, end, tokens.text(fact.first, fact.last), fact.sure, fact.why))
    return found
