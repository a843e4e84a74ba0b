"""A person's correction: the words of one field are read by the same grammar, and only what they may say is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from prescriptions.engine import text
from prescriptions.engine.grammar import facts as f
from prescriptions.engine.grammar.amounts import BARE as BARE_DOSE
from prescriptions.engine.grammar.build import daily_dose, dispensing, quantity
from prescriptions.engine.grammar.build import dosage as build_dosage
from prescriptions.engine.grammar.parsing import several, words
from prescriptions.engine.grammar.posology import assemble, leftovers
from prescriptions.engine.grammar.rules import read_facts
from prescriptions.engine.medicines.find import find
from prescriptions.engine.medicines.lexicon import Lexicon
from prescriptions.engine.medicines.strengths import BARE, STRENGTH
from prescriptions.engine.schema import Dosage, Line, Medication, Strength, Timing
from prescriptions.engine.tokens import Tokens, tokenise
from prescriptions.engine.words.forms import FORMS

LONGEST = 300
RHYTHM = (f.Frequency, f.When, f.Meal, f.Clock, f.Days, f.Once, f.Wear, f.Cycle, f.CycleDays)


class NotUnderstood(ValueError):
    """The words do not say what their field is for. `code` names the field."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a dosage that can be corrected: the facts its words may hold, and how they change the dosage."""

    facts: tuple[type, ...]
    change: Callable[[Dosage, Dosage], Dosage]


def _timing(old: Dosage, new: Dosage) -> Dosage:
    bounds = old.timing.bounds if old.timing else None
    made = replace(new.timing or Timing(), bounds=bounds)
    return replace(old, timing=None if made == Timing() else made)


def _bounds(old: Dosage, new: Dosage) -> Dosage:
    made = replace(old.timing or Timing(), bounds=new.timing.bounds if new.timing else None)
    return replace(old, timing=None if made == Timing() else made)


FIELDS = {
    "dose": Field((f.Dose, f.Rate), lambda old, new: replace(old, dose=new.dose, rate=new.rate)),
    "timing": Field(RHYTHM, _timing),
    "bounds": Field((f.Bounds,), _bounds),
    "asNeeded": Field(
        (f.Reason,), lambda old, new: replace(old, as_needed=new.as_needed, as_needed_for=new.as_needed_for)
    ),
    "limits": Field(
        (f.Limit, f.Gap),
        lambda old, new: replace(
            old,
            max_dose_per_period=new.max_dose_per_period,
            max_dose_per_administration=new.max_dose_per_administration,
            min_interval=new.min_interval,
        ),
    ),
    "route": Field(
        (f.Place, f.Method), lambda old, new: replace(old, route=new.route, method=new.method, site=new.site)
    ),
}
"""Field of a dosage -> how its words are taken. `additional` takes any words."""
OF_LINE = ("name", "strength", "form", "supply")


def correct(line: Line, path: str, written: str, lexicon: Lexicon) -> Line:
    """The line with one field (`name`, `supply`, `dosage.0.dose`…) said anew; empty words take it away.

    Raises NotUnderstood when the words don't say what the field is for, and KeyError for a field that there isn't.
    """
    written = " ".join(written.split())
    if len(written) > LONGEST:
        raise NotUnderstood(path)
    old = line.medication
    medication = _head(old, path, written, lexicon) if path in OF_LINE else _dosage(old, path, written)
    medication = replace(medication, daily_dose=daily_dose(medication.dosage))
    evidence = tuple(
        replace(one, confidence=1.0, why="corrected") if belongs(one.path, path) else one for one in line.evidence
    )
    return replace(line, medication=medication, evidence=evidence)


GROUPS = {
    "timing": ("timing",), "limits": ("maxDosePerPeriod", "maxDosePerAdministration", "minInterval"), "dose": ("dose",
        "rate"),
    "supply": ("dispense", "substitution", "ald"),
}  # fmt: skip
"""Field that is corrected -> fields of the evidence that it answers for."""


def belongs(of_evidence: str, path: str) -> bool:
    """Whether the evidence of `of_evidence` proves the field that a person sees as `path`."""
    head, _, last = path.rpartition(".")
    owners = tuple(f"{head}.{name}" if head else name for name in GROUPS.get(last, (last,)))
    return any(of_evidence == owner or of_evidence.startswith(f"{owner}.") for owner in owners)


def _head(medication: Medication, path: str, written: str, lexicon: Lexicon) -> Medication:
    tokens = tokenise(text.read(written), known=lexicon.words)
    if path == "name":
        if not written:
            raise NotUnderstood(path)
        found = find(tokens, 0, lexicon, fuzzy=False)
        if found and found.term and found.last == len(tokens):
            return replace(medication, name=found.term.name, atc=found.term.atc or None)
        return replace(medication, name=text.plain(written).upper(), atc=None)
    if path == "strength":
        return replace(medication, strength=_strengths(tokens, written))
    if path == "form":
        if (same := BY_FORM.get(text.plain(written))) is not None:
            return replace(medication, form=same)
        lexeme = tokens.lexemes[0].get("form") if len(tokens) else None
        if written and (lexeme is None or lexeme.length != len(tokens)):
            raise NotUnderstood(path)
        return replace(medication, form=str(lexeme.value) if lexeme else None)
    allowed = (f.Supply, f.Pack, f.Renewal, f.Substitution, f.Ald)
    dispense, substitution, ald = dispensing(_facts(tokens, allowed, path))
    return replace(medication, dispense=dispense, substitution=substitution, ald=ald)


BY_FORM = {text.plain(form): form for form in FORMS}
STRENGTHS = several(STRENGTH, words("/", "+", ","))


def _strengths(tokens: Tokens, written: str) -> tuple[Strength, ...]:
    if not written:
        return ()
    for parser, flat in ((STRENGTHS, False), (BARE, True)):
        match = parser(tokens, 0)
        if match is not None and match.end == len(tokens):
            found: list[Strength] = match.value if flat else [one for part in match.value for one in part]
            return tuple(found)
    raise NotUnderstood("strength")


def _dosage(medication: Medication, path: str, written: str) -> Medication:
    _, place, name = path.split(".")
    at = int(place)
    if not 0 <= at <= len(medication.dosage) or (at == len(medication.dosage) and at > 0):
        raise KeyError(path)
    old = medication.dosage[at] if medication.dosage else Dosage()
    if name == "additional":
        new = replace(old, additional=tuple(part.strip() for part in written.split(";") if part.strip()))
    elif name in FIELDS:
        new = FIELDS[name].change(old, read(written, name) if written else Dosage())
    else:
        raise KeyError(path)
    return replace(medication, dosage=(*medication.dosage[:at], new, *medication.dosage[at + 1 :]))


def read(written: str, name: str) -> Dosage:
    """What the words of a field say, as a dosage that has only this."""
    field = FIELDS[name]
    prefixed = (
        f"pendant {written}"
        if name == "bounds" and not text.plain(written).startswith(("pendant", "pdt", "pour"))
        else written
    )
    tokens = tokenise(text.read(prefixed))
    number = BARE_DOSE(tokens, 0) if name == "dose" else None
    if number is not None and number.end == len(tokens):
        return Dosage(dose=quantity(number.value))
    facts = _facts(tokens, field.facts, name)
    drafts = assemble(tokens, facts)
    if len(drafts) != 1:
        raise NotUnderstood(name)
    made = build_dosage(drafts[0])
    return replace(made, dose=None) if name != "dose" else made


def _facts(tokens: Tokens, allowed: tuple[type, ...], name: str) -> list[f.Fact]:
    facts = read_facts(tokens)
    if not facts and len(tokens):
        raise NotUnderstood(name)
    if any(not isinstance(fact.value, allowed) for fact in facts) or leftovers(tokens, facts, 0, len(tokens)):
        raise NotUnderstood(name)
    return facts
